"""Stable-Baselines3: a policy that scores the candidates of `NumericView`, whatever their number and order.

`PPO(CandidatePolicy, env)`. A policy with one output per index, as `MultiInputPolicy`, cannot generalise to
unseen tasks, because an index means another action in every state.
"""

from __future__ import annotations

from typing import Any

from gymnasium import spaces
from gymnasium.error import DependencyNotInstalled

try:
    import torch
    from stable_baselines3.common.policies import ActorCriticPolicy
    from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
    from stable_baselines3.common.type_aliases import Schedule
    from torch import nn
except ImportError as error:
    raise DependencyNotInstalled("Stable-Baselines3 is not installed: `pip install step-gym[sb3]`") from error

from step_gym.wrappers.numeric import OUTCOME_UNIT


class CandidateScores(BaseFeaturesExtractor):
    """Scores every candidate from its text, what followed it, and what either shares with the instruction.

    Args:
        observation_space: That of `NumericView`.
        hidden: Width of its layers.

    Returns:
        `float[batch, limit + hidden]`: a logit for every index, -1e9 where there is no candidate, then the
        features of the value function.
    """

    def __init__(self, observation_space: spaces.Dict, hidden: int = 64) -> None:
        if not isinstance(observation_space, spaces.Dict) or "candidates" not in observation_space.spaces:
            raise ValueError(
                f"{observation_space} has no candidates: wrap the environment in "
                "step_gym.wrappers.numeric.NumericView"
            )
        shape = observation_space["candidates"].shape
        assert shape is not None
        limit, features = shape
        super().__init__(observation_space, features_dim=limit + hidden)
        self.of_candidate = nn.Linear(4 * features + 3, hidden)
        self.of_state = nn.Linear(5 * features, hidden)
        self.of_both = nn.Linear(3 * hidden, hidden)
        self.score = nn.Linear(hidden, 1)
        self.value = nn.Linear(3 * hidden, hidden)
        nn.init.zeros_(self.score.weight)

    def forward(self, observations: dict[str, torch.Tensor]) -> torch.Tensor:
        """Logits and value features of a batch."""
        task, text, history = (observations[key] for key in ("instruction", "text", "history"))
        mask = observations["mask"][..., None]
        candidates, outcomes = observations["candidates"], observations["outcomes"] / OUTCOME_UNIT
        taken = observations["taken"]
        each = [candidates, outcomes, candidates * task[:, None], outcomes * task[:, None]]
        each += [taken, (taken[..., :1] == 0).float()]
        encoded = torch.relu(self.of_candidate(torch.cat(each, -1))) * mask
        state = torch.relu(self.of_state(torch.cat([task, text, history, text * task, history * task], -1)))
        pooled = encoded.sum(1) / mask.sum(1).clamp(min=1)
        context = torch.cat([state, pooled], -1)
        both = torch.cat([encoded, context[:, None].expand(-1, encoded.shape[1], -1)], -1)
        hidden = torch.relu(self.of_both(both)) * mask
        logits = self.score(hidden)[..., 0].masked_fill(mask[..., 0] == 0, -1e9)
        value = torch.tanh(self.value(torch.cat([context, hidden.amax(1)], -1)))
        return torch.cat([logits, value], -1)


class _LogitsAndValue(nn.Module):
    """Splits what `CandidateScores` gives, in place of SB3's two-headed perceptron."""

    def __init__(self, latent_dim_pi: int, latent_dim_vf: int) -> None:
        super().__init__()
        self.latent_dim_pi, self.latent_dim_vf = latent_dim_pi, latent_dim_vf

    def forward(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.forward_actor(features), self.forward_critic(features)

    def forward_actor(self, features: torch.Tensor) -> torch.Tensor:
        return features[:, : self.latent_dim_pi]

    def forward_critic(self, features: torch.Tensor) -> torch.Tensor:
        return features[:, self.latent_dim_pi :]


class CandidatePolicy(ActorCriticPolicy):
    """Actor and critic over `NumericView` for `PPO` and `A2C`; never chooses an index without a candidate.

    Args:
        observation_space: That of `NumericView`.
        action_space: That of `NumericView`.
        lr_schedule: Given by the algorithm.
        features_extractor_class: `CandidateScores` or a subclass.
        **kwargs: As of `ActorCriticPolicy`; the layers' width is `features_extractor_kwargs={"hidden": 64}`.
    """

    def __init__(
        self,
        observation_space: spaces.Space,
        action_space: spaces.Discrete,
        lr_schedule: Schedule,
        features_extractor_class: type[BaseFeaturesExtractor] = CandidateScores,
        **kwargs: Any,
    ) -> None:
        # Orthogonal initialisation would overwrite the zeros that make the first policy uniform.
        super().__init__(
            observation_space,
            action_space,
            lr_schedule,
            **{**kwargs, "ortho_init": False, "features_extractor_class": features_extractor_class},
        )

    def _build_mlp_extractor(self) -> None:
        assert isinstance(self.action_space, spaces.Discrete)
        limit = int(self.action_space.n)
        self.mlp_extractor = _LogitsAndValue(limit, self.features_dim - limit)  # pyright: ignore[reportAttributeAccessIssue]

    def _build(self, lr_schedule: Schedule) -> None:
        super()._build(lr_schedule)
        self.action_net = nn.Identity()
        # Built again, without the layer that was replaced.
        self.optimizer = self.optimizer_class(  # pyright: ignore[reportCallIssue]
            self.parameters(),
            lr=lr_schedule(1),  # pyright: ignore[reportCallIssue]
            **self.optimizer_kwargs,
        )
