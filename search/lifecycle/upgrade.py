"""An index made over into one of this Kawat's schema, while it is searched and written to.

Copied into an index outside the alias; once the copy is close, the source takes no more writes, the rest is copied,
what was deleted meanwhile is taken out, and the alias moves in one call. The source goes, and its name becomes an alias
of the new index. Where a run was cut off stands in names and in the copy's `_meta`; the next one goes on from there.
`docs/decisions/0007-index-upgrade.md` says why each step is safe.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from typing import Any, Literal

from elasticsearch import ApiError, BadRequestError, Elasticsearch, NotFoundError

from ingest.records import Record
from search.client import SERVICE, outages
from search.lifecycle.copying import UpgradeError, checkpoint, copy, count, refresh, without_strays
from search.lifecycle.generations import generation, made_over
from search.lifecycle.state import IndexState, look_at
from search.ports import ServiceUnavailable
from search.schema import Family, Names, families
from search.upkeep import ensure_template

CLOSE = 500  # documents: a round that copied no more is followed by the last one, for which writers wait
ROUNDS = 20  # at most before that one: a source that changes faster than it is copied would never be close
SETTLES = 30.0  # seconds for writes under way when the source is blocked
LINGER = 1.0  # seconds for searches under way when the alias moves
TERMS = 2  # by which the copy's primary term is above the source's at least, to begin with
KEPT = 2.0  # seconds between two notes of how far it is: each is a change of the cluster's state
SWAPS = 5  # tries, where a rollover comes in between

CUT_OFF = frozenset({"copy", "left-over"})
Step = Literal["begun", "copying", "blocked", "moved", "done"]


class Progress(Record):
    """How far one index is: `copied` of `documents`; `waited` are the seconds for which it took no writes."""

    index: str
    target: str
    step: Step
    copied: int = 0
    documents: int = 0
    waited: float = 0.0


def pending(client: Elasticsearch, prefix: str = "", *, again: Collection[str] = ()) -> list[IndexState]:
    """Indices that `upgrade` would make over, and what one that was cut off has left. Raises ServiceUnavailable."""
    found = [state for family in families(Names(prefix)) for state in look_at(client, family)]
    return [one for one in found if one.role in CUT_OFF or (one.role == "serving" and one.behind) or one.name in again]


def upgrade(
    client: Elasticsearch, prefix: str = "", *, again: Collection[str] = (), linger: float = LINGER
) -> Iterator[Progress]:
    """Makes over every index that is behind, one by one; those named in `again` too. Cut off, the next call goes on.

    Raises UpgradeError; ServiceUnavailable, after which the source takes writes again where it still can be told so.
    """
    for family in families(Names(prefix)):
        with outages():
            ensure_template(client, family)
        states = look_at(client, family)
        serving = {generation(one.name)[0]: one.name for one in states if one.role == "serving"}
        for state in states:
            if state.role == "left-over":
                _retire(client, family, state.name, serving[generation(state.name)[0]])
        copied = {one.upgrade.get("of") for one in states if one.role == "copy"}
        for state in states:
            if state.role == "serving" and (state.behind or state.name in {*again, *copied}):
                yield from _MakingOver(client, family, state, linger).run()


def abandon(client: Elasticsearch, prefix: str = "") -> list[str]:
    """Gives unfinished copies up: they are deleted, their sources take writes again. The copies' names."""
    gone = []
    for family in families(Names(prefix)):
        states = look_at(client, family)
        for state in states:
            if state.role == "copy":
                with outages():
                    client.options(ignore_status=404).indices.delete(index=state.name)
                gone.append(state.name)
        for state in states:
            if state.role == "serving" and state.blocked:
                _block(client, state.name, False)
    return gone


class _MakingOver:
    """One index."""

    def __init__(self, client: Elasticsearch, family: Family, state: IndexState, linger: float) -> None:
        self.client, self.family, self.linger = client, family, linger
        self.source, self.target = state.name, made_over(state.name)
        self.documents, self.copied = state.documents, 0
        self.kept = 0.0
        self.after, self.term = -1, 0  # the source's number up to which all is copied; the copy's least primary term

    def run(self) -> Iterator[Progress]:
        self._begin()
        yield self._at("begun")
        for _ in range(ROUNDS):
            before = self.copied
            yield from self._round(checkpoint(self.client, self.source)[0])
            if self.copied - before <= CLOSE:
                break
        refresh(self.client, self.target)  # all that can be done before writers wait
        began = time.monotonic()
        try:
            _block(self.client, self.source, True)
            yield self._at("blocked")
            yield from self._round(self._settled())
            without_strays(self.client, self.source, self.target)
            self._check()
            self._serve()
            waited = time.monotonic() - began
            yield self._at("moved", waited)
        except Exception:
            self._unblock()
            raise
        time.sleep(self.linger)
        _retire(self.client, self.family, self.source, self.target)
        yield self._at("done", waited)

    def _begin(self) -> None:
        """Finds the copy that a run before this one began, or begins one."""
        found = self._upgrade_meta()
        if found is not None and found.get("digest") == self.family.digest and "term" in found:
            self.after, self.term = int(found["after"]), int(found["term"])
            return
        with outages():
            self.client.options(ignore_status=404).indices.delete(index=self.target)
            self.client.indices.create(
                index=self.target,
                settings={"index": {**self.family.settings["index"], "refresh_interval": "-1"}},
                mappings={**self.family.mappings, "_meta": self._meta({})},
            )
            self._raise_term(_term(self.client, self.source) + TERMS)
            self.term = _term(self.client, self.target)
        self._keep()

    def _raise_term(self, least: int) -> None:
        """Opening an index anew raises its primary term: no state of a document that was read in the source is ever
        taken for one of the copy, whose numbers begin anew."""
        while _term(self.client, self.target) < least:
            self.client.indices.close(index=self.target)
            self.client.indices.open(index=self.target)
            self.client.cluster.health(index=self.target, wait_for_status="yellow", timeout="30s")

    def _round(self, until: int) -> Iterator[Progress]:
        for after, documents in copy(self.client, self.source, self.target, self.after, until):
            self.after, self.copied = after, self.copied + documents
            if time.monotonic() - self.kept > KEPT:
                self._keep()
            yield self._at("copying")
        self.after = max(self.after, until)

    def _settled(self) -> int:
        """The source's last number, once every write that was under way has come to its end."""
        deadline = time.monotonic() + SETTLES
        while True:
            done, last = checkpoint(self.client, self.source)
            if done == last:
                return done
            if time.monotonic() > deadline:
                raise ServiceUnavailable(SERVICE, f"writes to {self.source} have not ended in {SETTLES:g} s")
            time.sleep(0.05)

    def _check(self) -> None:
        there, copied = count(self.client, self.source), count(self.client, self.target)
        if there != copied:
            raise UpgradeError(
                f"{self.source} has {there} documents, its copy {copied}: nothing was changed. "
                "kawat index upgrade --abandon gives the copy up"
            )
        if _term(self.client, self.source) >= self.term:
            with outages():
                self.client.indices.delete(index=self.target)
            raise ServiceUnavailable(SERVICE, f"the shard of {self.source} moved too often while it was copied: again")

    def _serve(self) -> None:
        """The alias moves, and every other name of the source but its own."""
        with outages():
            often = {"refresh_interval": self.family.settings["index"]["refresh_interval"]}
            self.client.indices.put_settings(index=self.target, settings={"index": often})
            for _ in range(SWAPS):
                aliases: dict[str, Any] = self.client.indices.get_alias(index=self.source).body[self.source]["aliases"]
                actions: list[dict[str, Any]] = []
                for name, about in aliases.items():
                    actions.append({"remove": {"index": self.source, "alias": name, "must_exist": True}})
                    actions.append({"add": {"index": self.target, "alias": name, **about}})
                try:
                    self.client.indices.update_aliases(actions=actions)
                    return
                except BadRequestError as error:
                    failed = error
            raise UpgradeError(f"the alias {self.family.alias} cannot move to {self.target}: {failed}")

    def _unblock(self) -> None:
        try:
            states = {one.name: one for one in look_at(self.client, self.family)}
            if self.source in states and states[self.source].role == "serving":
                _block(self.client, self.source, False)
        except (ServiceUnavailable, ApiError):
            return  # the next run finds it blocked, and goes on from there

    def _upgrade_meta(self) -> dict[str, Any] | None:
        try:
            with outages():
                found = self.client.indices.get_mapping(index=self.target).body[self.target]
        except NotFoundError:
            return None
        meta: dict[str, Any] = found["mappings"].get("_meta", {}).get("upgrade", {})
        return meta if meta.get("of") == self.source else None

    def _keep(self) -> None:
        self.kept = time.monotonic()
        with outages():
            self.client.indices.put_mapping(
                index=self.target, meta=self._meta({"after": self.after, "term": self.term})
            )

    def _meta(self, state: dict[str, Any]) -> dict[str, Any]:
        return {**self.family.meta, "upgrade": {"of": self.source, "digest": self.family.digest, **state}}

    def _at(self, step: Step, waited: float = 0.0) -> Progress:
        done = {"copied": self.copied, "documents": self.documents, "waited": round(waited, 3)}
        return Progress(index=self.source, target=self.target, step=step, **done)


def _retire(client: Elasticsearch, family: Family, source: str, target: str) -> None:
    """The source goes, and its name leads to `target`, in one call."""
    with outages():
        client.indices.update_aliases(
            actions=[{"remove_index": {"index": source}}, {"add": {"index": target, "alias": source}}]
        )
        client.indices.put_mapping(index=target, meta=family.meta)


def _block(client: Elasticsearch, index: str, blocked: bool) -> None:
    free = {"index": {"blocks": {"write": None}}}
    with outages():
        if not blocked:
            client.indices.put_settings(index=index, settings=free)
        elif not client.indices.add_block(index=index, block="write")["shards_acknowledged"]:
            client.indices.put_settings(index=index, settings=free)  # blocked by a run before: nobody asks its shards
            if not client.indices.add_block(index=index, block="write")["shards_acknowledged"]:
                raise ServiceUnavailable(SERVICE, f"not every shard of {index} has taken its write block")


def _term(client: Elasticsearch, index: str) -> int:
    """The primary term of the index's one shard."""
    with outages():
        answer = client.cluster.state(metric="metadata", index=index, filter_path="metadata.indices.*.primary_terms")
    return int(answer["metadata"]["indices"][index]["primary_terms"]["0"])
