"""The validated config: pydantic models, those of parts built from what the parts declare."""

from __future__ import annotations

import types
from functools import reduce
from operator import or_
from typing import Annotated, Any, ClassVar, Literal, Self, Union, get_args, get_origin

from pydantic import AfterValidator, Field, SerializeAsAny, create_model, model_validator

from gdrun.descent.parts import Part, Setting, setting_types, settings_of
from gdrun.experiment.config.block import Block
from gdrun.experiment.config.expect import Expectations
from gdrun.experiment.config.families import Tags
from gdrun.experiment.config.names import valid_name

BUDGETS = ("epochs", "steps", "examples")


class PartBlock(Block):
    """A section that chose a part."""

    part: ClassVar[type[Part]]
    tags: ClassVar[Tags]

    @model_validator(mode="before")
    @classmethod
    def _plainest(cls, given: Any) -> Any:
        """Without what is implied anyway: spellings that mean the same are the same run."""
        if not isinstance(given, dict):
            return given
        implied = cls.part.implied(given)
        return {name: value for name, value in given.items() if name not in implied or value != implied[name]}

    @property
    def chosen(self) -> str:
        """The kind, variant, or function of a surface."""
        return self.tags[-1][1]

    def settings(self) -> dict[str, Any]:
        """The part's settings, defaults filled in."""
        return {name: getattr(self, name) for name in settings_of(self.part)}

    def __reduce__(self) -> tuple[Any, ...]:
        # the classes are made at run time: pickle finds them by their part
        return _revived, (self.part, self.tags, self.settings())

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self


def _revived(part: type[Part], tags: Tags, settings: dict[str, Any]) -> PartBlock:
    return block_model(part, tags)(**settings)


class Stop(Block):
    """When a run ends before its budget."""

    patience: int | None = Field(None, ge=1, description="epochs without a better validation loss")
    tolerance: float | None = Field(
        None, gt=0, description="smallest relative change of the training loss over an epoch"
    )
    loss: float | None = Field(None, description="loss at which the run is done")


class Record(Block):
    """What is written down, and how often."""

    every: int = Field(1, ge=1, description="epochs or steps between two records")
    unit: Literal["epochs", "steps"] | None = Field(None, description="left out: epochs; steps on a surface")
    batch_loss: bool = Field(False, description="the loss of each step's batch")
    paths: bool | None = Field(None, description="the parameters at each record; left out: if they are few")
    sharpness: int | None = Field(
        None, ge=1, description="epochs or steps between two looks at the Hessian's largest eigenvalue"
    )
    step_angle: int | None = Field(
        None, ge=1, description="epochs or steps between two looks at a step's angle to the contour where it starts"
    )
    gradient_noise: int | None = Field(
        None, ge=1, description="epochs or steps between two looks at how much examples' gradients differ"
    )
    layers: int | None = Field(
        None, ge=1, description="epochs or steps between two looks at the gradient's length by layer"
    )


class RunConfig(Block):
    """Everything that one run is told."""

    name: Annotated[str, AfterValidator(valid_name)] | None = Field(
        None, description="the experiment, a folder under results; left out: the config file's name"
    )
    seed: int = Field(0, ge=0, description="initial weights, batch order, noise")
    dataset: SerializeAsAny[PartBlock] | None = Field(None, description="what is learned from; none for a surface")
    model: SerializeAsAny[PartBlock] = Field(description="what is trained")
    loss: SerializeAsAny[PartBlock] | None = Field(None, description="what is minimised; left out: the model's own")
    descent: SerializeAsAny[PartBlock] | None = Field(None, description="how many examples a step takes")
    optimizer: SerializeAsAny[PartBlock] = Field(description="how a gradient becomes a step")
    schedule: SerializeAsAny[PartBlock] = Field(description="how the learning rate changes; left out: it does not")
    epochs: int | None = Field(None, ge=1, description="budget: passes over the training data")
    steps: int | None = Field(None, ge=1, description="budget: updates")
    examples: int | None = Field(None, ge=1, description="budget: examples seen")
    stop: Stop = Field(Stop(), description="when a run ends before its budget")
    record: Record = Field(Record(), description="what is written down, and how often")
    dtype: Literal["float64", "float32"] = Field("float64", description="precision of all arithmetic")
    expect: SerializeAsAny[Expectations] = Field(
        Expectations(), description="bounds on the outcome; no part of what the run is"
    )

    @property
    def budget(self) -> str:
        """Which of epochs, steps and examples is given."""
        return next(name for name in BUDGETS if getattr(self, name) is not None)

    @property
    def on_surface(self) -> bool:
        """Whether the descent is on a surface, without data."""
        return self.model.tags[0] == ("kind", "surface")


def block_model(part: type[Part], tags: Tags) -> type[PartBlock]:
    """The pydantic model of a part's section. Built when first asked for: a config needs about six of sixty."""
    if (part, tags) not in _built:
        _built[part, tags] = _block_model(part, tags)
    return _built[part, tags]


_built: dict[tuple[type[Part], Tags], type[PartBlock]] = {}


def _block_model(part: type[Part], tags: Tags) -> type[PartBlock]:
    fields: dict[str, Any] = {tag: (Literal[kind], Field(kind, description=tag)) for tag, kind in tags}
    for name, hint in setting_types(part).items():
        limits = settings_of(part)[name]
        default = ... if limits.required else limits.default
        fields[name] = (
            _within(hint, limits),
            Field(default, description=limits.help, examples=None if limits.example is None else [limits.example]),
        )
    model = create_model(part.__name__, __base__=PartBlock, __doc__=part.summary(), **fields)
    model.part, model.tags = part, tags
    return model


def _within(hint: Any, limits: Setting) -> Any:
    """A type whose numbers keep the limits, inside lists and unions too."""
    if hint in (int, float):
        bounds = {"gt": limits.above, "ge": limits.at_least, "lt": limits.below, "le": limits.at_most}
        given: dict[str, Any] = {name: bound for name, bound in bounds.items() if bound is not None}
        return Annotated[hint, Field(**given)] if given else hint
    if get_origin(hint) in (Union, types.UnionType):
        return reduce(or_, (_within(option, limits) for option in get_args(hint)))
    if get_origin(hint) is tuple:
        items = tuple(item if item is ... else _within(item, limits) for item in get_args(hint))
        return types.GenericAlias(tuple, items)
    return hint
