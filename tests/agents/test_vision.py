from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import (
    CLIPVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from step_gym.agents.config import PolicyConfig
from step_gym.agents.llm import LLMConfig, LLMPolicy
from step_gym.agents.load import reads_pictures, reference_policy
from step_gym.agents.policy import Request, TrainRow
from step_gym.agents.pretrained import load_pretrained
from step_gym.agents.vision import Pictures
from step_gym.wrappers.prompt import PromptHistory
from tests.agents.language_models import make_tokenizer

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n"
    "{% for part in m['content'] %}{{ part['text'] if part['type'] == 'text' else '<image>' }}"
    "{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
ACTIONS = ["open the drawer", "look", "go north"]


def make_model(seed: int = 0) -> tuple[Any, Any]:
    """A random LLaVA of two layers that gives a picture four tokens, and its processor."""
    tokenizer = make_tokenizer(None)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|endoftext|>", "<|im_start|>", "<image>"]})
    processor = LlavaProcessor(
        image_processor=CLIPImageProcessorPil(size={"height": 28, "width": 28}, do_center_crop=False),
        tokenizer=tokenizer,
        patch_size=14,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=TEMPLATE,
    )
    text = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        initializer_range=0.15,
    )
    vision = CLIPVisionConfig(
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=28,
        patch_size=14,
    )
    config = LlavaConfig(
        vision_config=vision,
        text_config=text,
        image_token_index=processor.image_token_id,
        vision_feature_layer=-1,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return LlavaForConditionalGeneration(config), processor


def make_policy(**options: Any) -> LLMPolicy:
    return LLMPolicy(*make_model(), LLMConfig(max_new_tokens=6), **options)


def screen(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (40, 30, 3), dtype=np.uint8)


def play(policy: LLMPolicy, pictures: list[int], reply: np.ndarray | None = None) -> list[TrainRow]:
    """One episode in `append` mode that shows these screens; `reply` is said instead of what is sampled."""
    history = PromptHistory(policy.prompt_format, "append", max_tokens=600)
    prompt = history.begin("put it away", "you see a drawer", ACTIONS, screen(pictures[0]))
    rows = []
    for number in [*pictures[1:], pictures[0]]:
        completion = policy.act([Request(prompt, ACTIONS)])[0]
        rows.append(TrainRow(prompt, completion.action_ids, ACTIONS, completion.logprobs))
        said = completion.action_ids if reply is None else reply
        prompt = history.advance(said, "and now?", ACTIONS, screen(number))
    return rows


def plain_logprobs(policy: LLMPolicy, row: TrainRow, shown: list[int]) -> np.ndarray:
    """What the model itself says of a row's tokens, given the pictures and its own image tokens."""
    _, processor = make_model()
    ids = np.concatenate((row.prompt_ids, row.action_ids))
    ids = torch.from_numpy(np.where(ids < 0, processor.image_token_id, ids).astype(np.int64))[None]
    pixels = processor.image_processor(images=[screen(n) for n in shown], return_tensors="pt")["pixel_values"]
    with torch.no_grad():
        logits = policy.model(input_ids=ids, pixel_values=pixels, attention_mask=torch.ones_like(ids)).logits[
            0
        ]
    start = len(row.prompt_ids)
    said = logits[start - 1 : -1].log_softmax(-1)
    return said.gather(1, ids[0, start:, None])[:, 0].numpy()


def test_a_picture_is_the_tokens_its_processor_gives_it() -> None:
    policy = make_policy()
    assert policy.pictures is not None and reads_pictures(policy)
    tokens = policy.pictures.tokens(screen(0))
    assert len(tokens) == 4 and all(token < 0 for token in tokens)
    assert policy.pictures.tokens(screen(0).copy()) == tokens
    assert not set(tokens) & set(policy.pictures.tokens(screen(1)))
    said = policy.prompt_format.observation("you see <image>", None, screen(0))
    assert [token for token in said if token < 0] == list(tokens)
    _, processor = make_model()
    assert processor.image_token_id not in said, "what a world writes shows no picture"
    assert policy.prompt_format.observation("x", None, None) == policy.prompt_format.observation("x")


def test_replies_are_as_probable_as_the_whole_model_finds_them() -> None:
    policy = make_policy()
    shown = [0, 1, 0, 2]
    policy.config = LLMConfig(reply="action")
    ids = np.array(policy.encode_action("look"), np.int32)
    rows = [TrainRow(row.prompt_ids, ids, None, np.zeros(len(ids))) for row in play(policy, shown, reply=ids)]
    found = policy.logprobs(rows).per_row()
    for number, row in enumerate(rows):
        expected = plain_logprobs(policy, row, shown[: number + 1])
        np.testing.assert_allclose(found[number].detach(), expected, atol=2e-5)


@pytest.mark.parametrize("packed", [True, False])
def test_training_sees_the_pictures_that_sampling_saw(packed: bool) -> None:
    policy = make_policy(packed=packed)
    rows = play(policy, [0, 1, 2]) + play(policy, [0, 3])
    found = policy.logprobs(rows)
    expected = np.concatenate([row.logprobs for row in rows])
    np.testing.assert_allclose(found.logprobs.detach().numpy(), expected, atol=2e-5)


def test_what_is_shown_matters_and_shares_no_keys() -> None:
    policy = make_policy()
    history = PromptHistory(policy.prompt_format, "append")
    one, other = (history.begin("put it away", "you see", ACTIONS, screen(n)) for n in (0, 1))
    assert len(one) == len(other)
    requests = [Request(one, ACTIONS), Request(other, ACTIONS)]
    together = [c.logprobs for c in policy.act(requests, greedy=True)]
    policy.decoder.forget()
    alone = policy.act(requests[1:], greedy=True)[0].logprobs
    np.testing.assert_allclose(together[1], alone, atol=2e-5)
    assert not np.allclose(together[0][0], together[1][0], atol=1e-3)


def test_an_update_leaves_the_vision_tower_alone() -> None:
    policy = make_policy()
    rows = play(policy, [0, 1])
    before = {name: value.clone() for name, value in policy.model.named_parameters()}
    optimizer = torch.optim.AdamW(list(policy.parameters()), lr=1e-2)
    (-policy.logprobs(rows).logprobs.sum()).backward()
    optimizer.step()
    changed = {
        name for name, value in policy.model.named_parameters() if not torch.equal(value, before[name])
    }
    assert changed and not any("vision_tower" in name or "projector" in name for name in changed)


def test_a_frozen_copy_reads_the_pictures_of_the_policy(tmp_path: Path) -> None:
    policy = make_policy()
    rows = play(policy, [0, 1])
    config = PolicyConfig(path=str(tmp_path))
    reference = reference_policy(policy, tmp_path, config, is_start=True, device="cpu")
    found = reference.logprobs(rows).logprobs.detach()
    np.testing.assert_allclose(found, np.concatenate([row.logprobs for row in rows]), atol=2e-5)


def test_adapters_are_put_on_the_language_layers_alone() -> None:
    policy = make_policy(lora_rank=2)
    names = [name for name, value in policy.model.named_parameters() if value.requires_grad]
    assert names and all("language_model" in name and "lora" in name for name in names)
    rows = play(policy, [0, 1])
    (-policy.logprobs(rows).logprobs.sum()).backward()


def test_a_saved_policy_comes_back_with_its_processor(tmp_path: Path) -> None:
    policy = make_policy()
    policy.save(tmp_path)
    again = LLMPolicy.load(tmp_path)
    assert again.pictures is not None
    history = PromptHistory(again.prompt_format, "append")
    prompt = history.begin("put it away", "you see", ACTIONS, screen(5))
    first = PromptHistory(policy.prompt_format, "append").begin("put it away", "you see", ACTIONS, screen(5))
    np.testing.assert_array_equal(prompt, first)
    one, other = (p.act([Request(prompt, ACTIONS)], greedy=True)[0] for p in (policy, again))
    assert one == other
    np.testing.assert_allclose(one.logprobs, other.logprobs, atol=1e-6)


def test_a_screenshot_that_does_not_fit_names_the_setting() -> None:
    policy = make_policy()
    history = PromptHistory(policy.prompt_format, "append", max_tokens=600)
    head = len(history.begin("put it away", "", None, None))
    tight = PromptHistory(policy.prompt_format, "append", max_tokens=head)
    with pytest.raises(ValueError, match=f"does not fit into max_tokens={head}"):
        tight.begin("put it away", "you see a drawer", None, screen(0))


def test_a_picture_that_is_gone_is_named() -> None:
    model, processor = make_model()
    pictures = Pictures(model, processor, torch.device("cpu"), kept=1)
    first = pictures.tokens(screen(0))
    pictures.tokens(screen(1))
    with pytest.raises(LookupError, match="picture 0 is not kept any more, only the last 1 are"):
        pictures.embedded(torch.tensor(first))


def test_models_that_place_pictures_in_two_dimensions_are_refused(tmp_path: Path) -> None:
    model, processor = make_model()
    model.config.text_config.rope_parameters = {
        "rope_type": "default",
        "rope_theta": 1e4,
        "mrope_section": [4, 4],
    }
    with pytest.raises(ValueError, match="M-RoPE"):
        Pictures(model, processor, torch.device("cpu"))


def test_a_folder_with_such_a_model_is_known_by_its_configuration(tmp_path: Path) -> None:
    model, processor = make_model()
    model.save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    loaded, reader = load_pretrained(tmp_path)
    assert isinstance(loaded, LlavaForConditionalGeneration) and hasattr(reader, "image_processor")
