"""The far side of the wall: what loads a lesson and runs checks on it, and what shuts it in.

Nothing here knows an expected value, and nothing here is believed by the side that reads it.
"""
