"""As one would type it along with the lecture: short names, matrix products, view and data."""

import math

import torch


def vocabulary(words):
    chars = sorted(set(''.join(words)))
    stoi = {s:i+1 for i,s in enumerate(chars)}
    stoi['.'] = 0
    itos = {i:s for s,i in stoi.items()}
    return stoi, itos

def bigrams(word):
    chs = ['.'] + list(word) + ['.']
    return [(ch1, ch2) for ch1, ch2 in zip(chs, chs[1:])]

def count_bigrams(words, stoi):
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int32)
    for w in words:
        for ch1, ch2 in bigrams(w):
            ix1 = stoi[ch1]
            ix2 = stoi[ch2]
            N[ix1, ix2] += 1
    return N

def probabilities(counts, smoothing=1.0):
    P = (counts + smoothing).float()
    empty = P.sum(1) == 0
    P[empty] = 1.0
    P /= P.sum(1, keepdims=True)
    return P

def sample_word(probabilities, itos, generator):
    out = []
    ix = 0
    while True:
        p = probabilities[ix]
        ix = torch.multinomial(p, num_samples=1, replacement=True, generator=generator).item()
        out.append(itos[ix])
        if ix == 0:
            break
    return ''.join(out[:-1])

def average_nll(words, probabilities, stoi):
    log_likelihood = 0.0
    n = 0
    for w in words:
        for ch1, ch2 in bigrams(w):
            logprob = torch.log(probabilities[stoi[ch1], stoi[ch2]])
            log_likelihood += logprob
            n += 1
    nll = -log_likelihood
    print(f'{nll=}')
    return nll / n

def bigram_pairs(words, stoi):
    xs, ys = [], []
    for w in words:
        for ch1, ch2 in bigrams(w):
            xs.append(stoi[ch1])
            ys.append(stoi[ch2])
    xs = torch.tensor(xs)
    ys = torch.tensor(ys)
    return xs, ys

def one_hot(xs, num_classes):
    return torch.zeros(xs.shape[0], num_classes).scatter_(1, xs.view(-1, 1), 1)

def row_lookup(W, xs):
    return W.index_select(0, xs)

def softmax(logits):
    counts = logits.exp()
    return counts / counts.sum(-1, keepdims=True)

def bigram_loss(W, xs, ys, regularization=0.0):
    xenc = one_hot(xs, num_classes=W.shape[0])
    logits = xenc @ W
    probs = softmax(logits)
    return -probs[torch.arange(xs.nelement()), ys].log().mean() + regularization*(W**2).mean()

def gradient_step(W, xs, ys, learning_rate, regularization=0.0):
    loss = bigram_loss(W, xs, ys, regularization)
    W.grad = None
    loss.backward()
    W.data += -learning_rate * W.grad
    return loss.item()

def count_trigrams(words, stoi):
    N = torch.zeros((len(stoi),)*3, dtype=torch.int32)
    for w in words:
        chs = ['.', '.'] + list(w) + ['.']
        for ch1, ch2, ch3 in zip(chs, chs[1:], chs[2:]):
            N[stoi[ch1], stoi[ch2], stoi[ch3]] += 1
    return N

def average_trigram_nll(words, probabilities, stoi):
    log_likelihood, n = 0.0, 0
    for w in words:
        chs = ['.', '.'] + list(w) + ['.']
        for ch1, ch2, ch3 in zip(chs, chs[1:], chs[2:]):
            p = probabilities[stoi[ch1], stoi[ch2], stoi[ch3]].item()
            log_likelihood += math.log(p) if p > 0 else -math.inf
            n += 1
    return -log_likelihood / n

def best_smoothing(train_words, dev_words, candidates):
    stoi, itos = vocabulary(train_words + dev_words)
    N = count_trigrams(train_words, stoi)
    V = len(stoi)
    losses = {}
    for s in candidates:
        P = probabilities(N.view(V*V, V), s).view(V, V, V)
        losses[s] = average_trigram_nll(dev_words, P, stoi)
    return sorted(losses, key=losses.get)[0]


def smoothing_curves(train_words, words, candidates):
    stoi, itos = vocabulary(train_words + words)
    V = len(stoi)
    N2 = count_bigrams(train_words, stoi)
    N3 = count_trigrams(train_words, stoi)
    lossi2, lossi3 = [], []
    for s in candidates:
        lossi2.append(average_nll(words, probabilities(N2, s), stoi))
        P = probabilities(N3.view(V*V, V), s).view(V, V, V)
        lossi3.append(average_trigram_nll(words, P, stoi))
    return lossi2, lossi3

def final_loss(train_words, dev_words, test_words, candidates):
    s = best_smoothing(train_words, dev_words, candidates)
    stoi, itos = vocabulary(train_words + dev_words + test_words)
    V = len(stoi)
    P = probabilities(count_trigrams(train_words, stoi).view(V*V, V), s).view(V, V, V)
    return average_trigram_nll(test_words, P, stoi)
