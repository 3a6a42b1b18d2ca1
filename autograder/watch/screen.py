"""The screen of `grad watch`: a state in, lines of text out, whatever the size of the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from autograder.grading.renamed import line_of
from autograder.lessons.files import Unreadable, read
from autograder.lessons.places import shown_path
from autograder.lessons.submission import Submission
from autograder.reports.formulas import readable
from autograder.reports.paragraphs import prose
from autograder.reports.report import PASSED, TODO
from autograder.reports.terminal import STYLES, WIDTH, bar, exercise_lines, plain
from autograder.watch.layout import Lines, packed, wrapped
from autograder.watch.state import EXERCISE, HELP, LIST, QUESTION, SOLUTION, TEXT, State
from autograder.workspace.standing import ASKED
from autograder.workspace.workspace import Workspace

KEYS = (
    *("n next", "p previous", "l list", "h hint", "t text", "v view", "s solution"),
    *("r reset", "g guess", "a check all", "q quit", "? help"),
)
ANSWERING, TOLD = ("Enter answer", "Esc later"), ("Enter goes on",)
_HELP = """
n  the next exercise (after passing: the next one that has not passed)
p  the previous exercise
l  list all exercises; up and down move, Enter goes there
h  one more hint each time; before the last one comes the line of your code to look at
t  the lesson's text for this exercise
v  a picture of what your function does, once it has passed
s  the reference solution (asks first, where yours has not passed)
g  the question to answer before this exercise; Esc leaves it for later
r  put the stub back (asks first; your file is backed up)
a  grade all lessons
q  quit
up, down, page up, page down  scroll

Write in your editor and save; the verdict appears by itself.
"""
_QUESTIONS = {
    "solution": "Your own has not passed yet. Show the solution all the same? y/n",
    "reset": "Put the stub of this exercise back? Your file is backed up first. y/n",
}


class Screen:
    """A full screen for rich: heading, body, and at the bottom the bar and the keys."""

    def __init__(self, state: State, workspace: Workspace):
        self._state, self._workspace = state, workspace
        self._submissions: dict[str, Submission | None] = {}

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        height = options.height or console.height
        head = wrapped(console, options, self._head())
        foot = wrapped(console, options, self._foot(options.max_width))
        body = wrapped(console, options, _VIEWS[self._state.view](self, options.max_width))
        room = max(height - len(head) - len(foot), 1)
        lines = [*head, *_window(body, self._state, room), *foot][:height]
        for number, line in enumerate(lines):
            yield from line
            if number < len(lines) - 1:
                yield Segment.line()

    def _head(self) -> Iterator[Text]:
        state = self._state
        path = self._workspace.path(state.place.lesson)
        submission = self._submission()
        line = submission and line_of(submission, state.lesson, state.exercise.id) or 1
        link = f"link {path.resolve().as_uri()}#{line}"
        verdict = "grading" if state.waiting else state.verdict
        yield Text.assemble(
            (state.exercise.id, "bold"), "  ", (verdict, STYLES.get(state.verdict, ""))
        )
        yield Text(f"{shown_path(path)}:{line}", style=f"dim {link}")
        if twice := self._workspace.twice(state.place.lesson):
            yield Text(twice, style="yellow")
        yield Text()

    def _submission(self) -> Submission | None:
        """The followed file; while it is graded as it was before, for the grader needs the time."""
        lesson = self._state.place.lesson
        if not self._state.waiting or lesson not in self._submissions:
            try:
                self._submissions[lesson] = read(self._workspace.path(lesson))
            except Unreadable:
                self._submissions[lesson] = None
        return self._submissions[lesson]

    def _foot(self, width: int) -> Iterator[Text]:
        state = self._state
        yield Text()
        if note := _QUESTIONS.get(state.asking, state.note):
            yield Text(plain(note), style="yellow")
        if state.view in (LIST, QUESTION) and state.question.score:
            yield Text(state.question.score, style="dim")
        count = f" {state.passed} of {len(state.places)} exercises"
        yield bar(state.passed, len(state.places), max(10, min(40, width - len(count)))) + count
        asked = TOLD if state.question.told else ANSWERING
        keys = asked if state.view == QUESTION else KEYS
        for line in packed(keys, width):
            yield Text(line, style="dim")

    def _exercise(self, width: int) -> Iterator[Text]:
        state = self._state
        if problem := state.problems.get(state.place.lesson):
            yield Text(plain(problem), style="red")
            return
        report = state.reports.get(state.place)
        if report is None or report.verdict == TODO:
            yield from prose(state.exercise.docstring, width)
        else:
            # The heading says the verdict already, and without that line little indent is needed.
            yield from (line[WIDTH:] for line in list(exercise_lines(report))[1:])
        if state.verdict == PASSED and not state.waiting:
            yield from self._after_passing(width)
        given = state.hints.get(state.place, 0)
        if given:
            yield Text()
        if state.shown_place:
            yield Text(f"the place: {plain(state.shown_place)}", style="cyan")
        for number, hint in enumerate(state.exercise.hints[:given], 1):
            yield Text(f"hint {number}: {plain(readable(hint))}", style="cyan")

    def _after_passing(self, width: int) -> Iterator[Text]:
        state = self._state
        if state.reports.get(state.place) and state.reports[state.place].printed:
            yield Text()
        if state.exercise.learned:
            yield Text(f"What you learned: {plain(state.exercise.learned)}", style="green")
        yield from self._pictures()
        if all(state.verdicts.get(place) == PASSED for place in state.lesson_places):
            lesson = state.place.lesson
            yield Text(f"The lesson is complete. Its milestone: grad milestone {lesson}")
        following = state.places[state.next_open()]
        if following != state.place:
            yield Text(f"Next, with n: {following.exercise}")
        else:
            yield Text("Every exercise has passed.")
        if not state.exercise.worked:
            yield Text()
            yield from self._solution(width)

    def _pictures(self) -> Iterator[Text]:
        """What can be seen with one key, and where it lies once it is drawn."""
        state = self._state
        for stage in state.stages:
            yield Text(f"See it, with v: {plain(stage.says)}", style="cyan")
        for line in state.pictures.get(state.place, ()):
            yield Text(plain(line))

    def _list(self, width: int) -> Iterator[Text]:
        state, lesson = self._state, ""
        for number, place in enumerate(state.places):
            if place.lesson != lesson:
                lesson = place.lesson
                yield Text(f"{lesson}: {plain(state.course.lesson(lesson).title)}", style="bold")
            verdict = state.verdicts.get(place, TODO)
            mark = ">" if number == state.cursor else " "
            yield Text.assemble(f"{mark} ", (f"{verdict:11}", STYLES[verdict]), place.exercise)

    def _text(self, width: int) -> Iterator[RenderableType]:
        from autograder.reports.prose import LessonText

        state = self._state
        yield LessonText(state.lesson.text_before(state.exercise.line))
        yield Text()
        yield from prose(state.exercise.docstring, width)

    def _solution(self, width: int) -> Iterator[Text]:
        """The reference beside the learner's own where there is room, else below it."""
        reference = ["the reference", "", *self._state.exercise.code.splitlines()]
        submission, place = self._submission(), self._state.place
        own = ["your own", "", *(submission.body_of(place.exercise) if submission else [])]
        column = width // 2 - 1
        if max(map(len, reference + own), default=0) > column:
            yield from _texts("\n".join([*own, "", *reference]))
            return
        for number in range(max(len(reference), len(own))):
            left = own[number] if number < len(own) else ""
            right = reference[number] if number < len(reference) else ""
            yield Text(f"{plain(left):{column}}  {plain(right)}")

    def _question(self, width: int) -> Iterator[Text]:
        asked = self._state.question
        if asked.prediction:
            yield Text(f"{ASKED}: {asked.prediction.id}", style="bold")
            yield from prose(asked.prediction.asked, width)
        yield Text()
        if asked.told:
            yield from prose(asked.told, width)
        elif asked.measuring:
            yield Text(f"You say {plain(asked.typed.strip())}. It is being measured.", style="dim")
        else:
            yield Text(f"> {plain(asked.typed)}█")

    def _help(self, width: int) -> Iterator[Text]:
        yield from _texts(_HELP.strip())


_VIEWS = {
    EXERCISE: Screen._exercise,
    LIST: Screen._list,
    HELP: Screen._help,
    TEXT: Screen._text,
    SOLUTION: Screen._solution,
    QUESTION: Screen._question,
}


def _texts(text: str) -> Iterator[Text]:
    for line in text.splitlines():
        yield Text(plain(line))


def _window(lines: Lines, state: State, room: int) -> Lines:
    """The part of the body that is in sight, filled up so that the foot stays at the bottom."""
    first = min(state.scroll, max(len(lines) - room, 0))
    if state.view == LIST:
        titles = len({place.lesson for place in state.places[: state.cursor + 1]})
        first = max(0, min(state.cursor + titles - room // 2, len(lines) - room))
    shown = lines[first : first + room]
    left = len(lines) - first - room
    if left > 0 and room > 2 and state.view != LIST:
        more = f"... {left + 1} more lines: down, page down"
        shown = [*shown[:-1], [Segment(more, Style(dim=True))]]
    return shown + [[]] * (room - len(shown))
