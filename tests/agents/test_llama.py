from __future__ import annotations

import torch
from transformers import LlamaForCausalLM

from step_gym.agents.llama import Context, extend, read_prompts
from tests.agents.tiny_policies import make_policy


def model_and_sequences() -> tuple[LlamaForCausalLM, list[torch.Tensor]]:
    policy = make_policy()
    for name, weight in policy.model.named_parameters():
        if "norm" in name:
            torch.nn.init.uniform_(weight, 0.5, 1.5, generator=torch.Generator().manual_seed(1))
    generator = torch.Generator().manual_seed(0)
    vocabulary = policy.tokenizer.vocab_size
    return policy.model, [torch.randint(vocabulary, (n,), generator=generator) for n in (9, 4, 17)]


def padded(sequences: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    ids = torch.nn.utils.rnn.pad_sequence(sequences, batch_first=True, padding_value=0)
    return ids, torch.tensor([len(s) for s in sequences])


def reference_states(model: LlamaForCausalLM, sequence: torch.Tensor) -> torch.Tensor:
    """transformers' own hidden states of one sequence without padding, [tokens, hidden]."""
    return model.model(sequence[None]).last_hidden_state[0]


def test_prompts_and_extensions_agree_with_transformers() -> None:
    model, sequences = model_and_sequences()
    last, prompt = read_prompts(model, *padded([s[:-3] for s in sequences]))
    one, read = extend(model, [prompt], *padded([s[-3:-2] for s in sequences]))
    two, _ = extend(model, [prompt, read], *padded([s[-2:] for s in sequences]))
    for row, sequence in enumerate(sequences):
        expected = reference_states(model, sequence)
        torch.testing.assert_close(last[row], expected[-4], atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(one[row, 0], expected[-3], atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(two[row], expected[-2:], atol=1e-5, rtol=1e-5)


def test_without_gradient_the_result_is_the_same() -> None:
    model, sequences = model_and_sequences()
    with_gradient, _ = read_prompts(model, *padded(sequences))
    with torch.inference_mode():
        without, _ = read_prompts(model, *padded(sequences))
    torch.testing.assert_close(without, with_gradient.detach(), atol=1e-6, rtol=1e-5)


def test_ragged_extensions_skip_their_padding() -> None:
    model, sequences = model_and_sequences()
    lengths = (3, 0, 2)
    _, prompt = read_prompts(
        model, *padded([s[: len(s) - n - 1] for s, n in zip(sequences, lengths, strict=True)])
    )
    middle = [s[len(s) - n - 1 : -1] for s, n in zip(sequences, lengths, strict=True)]
    _, read = extend(model, [prompt], *padded(middle))
    states, final = extend(model, [prompt, read], *padded([s[-1:] for s in sequences]))
    joined = read.joined(final)
    assert joined.valid.sum(1).tolist() == [n + 1 for n in lengths]
    assert joined.positions.tolist() == [len(s) for s in sequences]
    for row, sequence in enumerate(sequences):
        expected = reference_states(model, sequence)[-1]
        torch.testing.assert_close(states[row, 0], expected, atol=1e-5, rtol=1e-5)


def test_contexts_can_be_selected_and_stacked() -> None:
    model, sequences = model_and_sequences()
    parts = [read_prompts(model, *padded([s]))[1] for s in sequences]
    chosen = Context.stack(parts).select(torch.tensor([2, 0, 2]))
    states, _ = extend(model, [chosen], torch.tensor([[5], [6], [7]]), torch.ones(3, dtype=torch.int64))
    for row, (sequence, token) in enumerate(((2, 5), (0, 6), (2, 7))):
        whole = torch.cat((sequences[sequence], torch.tensor([token])))
        torch.testing.assert_close(states[row, 0], reference_states(model, whole)[-1], atol=1e-5, rtol=1e-5)


def test_gradients_agree_with_transformers() -> None:
    model, sequences = model_and_sequences()
    direction = torch.randn(32, generator=torch.Generator().manual_seed(3))

    def gradients(loss: torch.Tensor) -> torch.Tensor:
        model.zero_grad()
        loss.backward()
        return torch.cat([weight.grad.flatten() for weight in model.parameters() if weight.grad is not None])

    last, prompt = read_prompts(model, *padded([s[:-2] for s in sequences]))
    states, _ = extend(model, [prompt], *padded([s[-2:] for s in sequences]))
    ours = gradients((last @ direction).sin().sum() + (states @ direction).sin().sum())
    theirs = gradients(
        sum((reference_states(model, s)[-3:] @ direction).sin().sum() for s in sequences)  # pyright: ignore
    )
    assert float((ours - theirs).norm()) < 1e-5 * float(theirs.norm())
