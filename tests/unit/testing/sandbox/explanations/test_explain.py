"""Every refused token, proof and client assertion is explained by its row; the answer is what it is without a sandbox."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from ktt.receiver.access.claim_checks import PROOF_BINDING, PROOF_CLAIMS, PROOF_HEADER, TOKEN_CLAIMS, TOKEN_HEADER
from ktt.receiver.settings import ReceiverSettings
from ktt.testing.sandbox.explanations.explain import Explanation, explain
from ktt.testing.sandbox.explanations.header import EXPLANATION, Explained
from ktt.testing.sandbox.explanations.tables import ASSERTION, PROOF, REQUEST, TOKEN
from ktt.testing.sandbox.faults.recorder import Recorder
from ktt.testing.sandbox.helseid.app import helseid_app
from ktt.testing.sandbox.helseid.assertion_checks import CLAIMS
from ktt.testing.sandbox.helseid.issuer import TOKEN_PATH
from ktt.wire import dpop, headers, jwk
from support import refused_credentials
from support.receiver_harness import BASE, LEFT_OUT, NOW, Post, ReceiverHarness, call, key, unsigned
from support.sandbox_parts import ISSUER, MULTI, REFUSED_ASSERTIONS, TokenWorld
from support.settable_clock import SettableClock

NOW_S = int(NOW.timestamp())


class Explaining:
    """The receiver of the tests, recorded and explained as in a sandbox in test mode."""

    def __init__(self, folder: Path) -> None:
        self.receiver = ReceiverHarness(folder, f"sqlite:///{folder / 'receiver.sqlite'}")
        self.receiver.keys.add(dt.timedelta(days=180))
        self.recorder = Recorder(self.receiver.clock)
        explained = Explained(self.receiver.app, lambda request: (found := self._of(request)) and found.as_data())
        self.plain, self.receiver.app = self.receiver.app, self.recorder.record(explained, "mottak")

    def _of(self, request) -> Explanation | None:
        return explain(request, self.receiver.settings, ("helseid-key",))

    def post(self, **overrides) -> Explanation | None:
        """What is said of one post; its answer is as without an explanation but for the header."""
        post = Post(self.receiver.clock.now(), **overrides)
        request = self.receiver.request(post)
        answer = self.receiver.send(*request)
        found = self._of(self.recorder.after(self.recorder.last - 1)[0])
        assert answer.status == 200 or found is not None, answer.body
        told = answer.header(EXPLANATION)
        assert (told or "").startswith(found.row if found else "")
        return found


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explaining]:
    made = Explaining(tmp_path_factory.mktemp("explained"))
    yield made
    made.receiver.close()


@pytest.mark.parametrize("case", refused_credentials.TOKENS)
def test_tokens(sandbox: Explaining, case: str):
    options = dict(refused_credentials.TOKENS[case])
    if options.get("alg") == "RS512":
        options["signed_by"] = sandbox.receiver.issuer.keys[0]
    names(sandbox.post(token=sandbox.receiver.token(**options)), case)


@pytest.mark.parametrize("case", [one for one in refused_credentials.PROOFS if "1 MB" not in one])
def test_proofs(sandbox: Explaining, case: str):
    names(sandbox.post(**refused_credentials.PROOFS[case]), case)


def names(found: Explanation | None, case: str) -> None:
    """The row of the case, where it has one in its name, and its member."""
    assert found is not None
    row, member = case.split()[:2]
    known = {"D3": found.row, "A4": found.row}.get(row, row)
    assert found.row == known or row not in {**TOKEN, **PROOF}
    assert f"`{member}`" in found.says.nb or member not in {one.name for one in (*TOKEN_CLAIMS, *PROOF_CLAIMS)}


@pytest.mark.parametrize("row", [*TOKEN_CLAIMS], ids=lambda row: f"{row.check} {row.name}")
def test_every_claim_of_a_token_is_named(sandbox: Explaining, row):
    for value in ({"not": "this"}, LEFT_OUT):
        found = sandbox.post(token=sandbox.receiver.token(claims={row.name: value}))
        if found is not None:
            assert (found.row, found.member) == (row.check, row.name), found
            missing = value is LEFT_OUT
            assert ("mangler" in found.says.nb, "is missing" in found.says.en) == (missing, missing)


@pytest.mark.parametrize("row", [*PROOF_CLAIMS, *PROOF_BINDING], ids=lambda row: f"{row.check} {row.name}")
def test_every_claim_of_a_proof_is_named(sandbox: Explaining, row):
    for value in ({"not": "this"}, LEFT_OUT):
        found = sandbox.post(proof_claims={row.name: value})
        assert found is not None
        assert (found.row, found.member) == (row.check, row.name), found


@pytest.mark.parametrize("row", [*TOKEN_HEADER, *PROOF_HEADER], ids=lambda row: f"{row.check} {row.name}")
def test_every_member_of_a_header_is_named(sandbox: Explaining, row):
    proof = row in PROOF_HEADER
    full = (
        {"alg": "RS256", "typ": "dpop+jwt", "jwk": jwk.public_part(key())}
        if proof
        else {"alg": "RS256", "typ": "at+jwt", "kid": "helseid-key"}
    )
    for broken in ({**full, row.name: ["x"]}, {name: value for name, value in full.items() if name != row.name}):
        jws = unsigned(broken, {})
        found = sandbox.post(**({"proof": jws} if proof else {"token": jws}))
        assert found is not None
        assert (found.row, found.member) == (row.check, row.name), found


def test_the_hash_of_another_token(sandbox: Explaining):
    token = sandbox.receiver.token()
    found = sandbox.post(token=token, proof_claims={"ath": "x" * 43})
    assert found is not None
    assert found.says.en.startswith(f'`ath`: expected {dpop.token_hash(token)}, got "{"x" * 43}".')


@pytest.mark.parametrize(("claims", "said"), [({"iat": NOW_S - 37}, "37 s etter"), ({"iat": NOW_S + 37}, "37 s foran")])
def test_a_clock_that_is_wrong_is_told_in_seconds(sandbox: Explaining, claims: dict[str, int], said: str):
    found = sandbox.post(proof_claims=claims)
    assert found is not None
    assert said in found.says.nb
    assert "NTP" in found.remedy.nb


def test_a_proof_used_twice(sandbox: Explaining):
    fields, body = sandbox.receiver.request(Post(sandbox.receiver.clock.now()))
    for status in (200, 401):
        assert sandbox.receiver.send(fields, body).status == status
    found = sandbox._of(sandbox.recorder.after(sandbox.recorder.last - 1)[0])
    assert found is not None
    assert (found.row, found.says.nb.split(".")[0]) == ("D14", "`jti` er brukt før")


def test_another_key_than_the_tokens(sandbox: Explaining):
    token = sandbox.receiver.token(Post(sandbox.receiver.clock.now(), proof_key=key(name="other")))
    found = sandbox.post(token=token)
    assert found is not None
    assert found.row == "D8"
    assert jwk.thumbprint(key(name="other")) in found.says.en
    assert jwk.thumbprint(key()) in found.says.en


@pytest.mark.parametrize(
    ("given", "row", "said"),
    [
        ({"Authorization": "Bearer x"}, "A12", "1 hode `Authorization: Bearer`"),
        ({"Authorization": LEFT_OUT}, "A12", "0 hoder `Authorization`"),
        ({"DPoP": LEFT_OUT}, "D1", "0 hoder `DPoP`"),
    ],
)
def test_the_headers_themselves(sandbox: Explaining, given: dict[str, object], row: str, said: str):
    found = sandbox.post(headers=given)
    assert found is not None
    assert found.row == row
    assert said in found.says.nb


def test_the_claims_about_the_message(sandbox: Explaining):
    found = sandbox.post(proof_claims={"msg_hash": LEFT_OUT, "enc_key_id": 7})
    assert found is not None
    assert found.row == "D15"
    assert "`enc_key_id`, `msg_hash`" in found.says.nb


def test_what_is_no_fault_of_these_is_not_explained(sandbox: Explaining):
    assert sandbox.post() is None
    answer = sandbox.receiver.post(headers={headers.VENDOR: LEFT_OUT})
    assert (answer.status, answer.header(EXPLANATION)) == (400, None)


def test_a_receiver_that_is_not_a_sandboxs_says_nothing(sandbox: Explaining):
    request = sandbox.receiver.request(Post(sandbox.receiver.clock.now(), proof_claims={"htm": "GET"}))
    explained, sandbox.receiver.app = sandbox.receiver.app, sandbox.plain
    plain = sandbox.receiver.send(*request)
    sandbox.receiver.app = explained
    told = sandbox.receiver.send(*request)
    assert plain.header(EXPLANATION) is None
    assert (plain.status, plain.body) == (told.status, told.body)
    unlike = {"x-correlation-id", EXPLANATION.lower()}
    assert [pair for pair in plain.headers if pair[0] not in unlike] == [p for p in told.headers if p[0] not in unlike]


class ExplainedHelseId:
    """A HelseID whose refusals are explained."""

    def __init__(self, folder: Path) -> None:
        self.world = TokenWorld(folder, SettableClock(NOW), require_nonce=False)
        self.recorder = Recorder(self.world.clock)
        self.app = self.recorder.record(helseid_app(self.world.helseid), "helseid")
        self.settings = ReceiverSettings(environment="sandbox", base_url=BASE, issuer=ISSUER)

    def ask(self, *, proof: str | None = None, **form) -> Explanation | None:
        fields = [("Content-Type", "application/x-www-form-urlencoded"), ("DPoP", proof or self.world.proof())]
        call(self.app, "POST", TOKEN_PATH, fields, self.world.form(**form))
        return explain(self.recorder.after(self.recorder.last - 1)[0], self.settings, ())


@pytest.fixture(scope="module")
def helseid(tmp_path_factory: pytest.TempPathFactory) -> ExplainedHelseId:
    return ExplainedHelseId(tmp_path_factory.mktemp("helseid"))


@pytest.mark.parametrize("case", REFUSED_ASSERTIONS)
def test_client_assertions(helseid: ExplainedHelseId, case: str):
    found = helseid.ask(assertion=helseid.world.assertion(**REFUSED_ASSERTIONS[case]))
    assert found is not None
    assert found.row in ASSERTION
    member = case.split(maxsplit=1)[0]
    assert f"`{member}`" in found.says.nb or member in {"kid", "another", "crit"}


@pytest.mark.parametrize("name", [name for name, _, _ in CLAIMS])
def test_every_claim_of_an_assertion_is_named(helseid: ExplainedHelseId, name: str):
    found = helseid.ask(claims={name: {"not": "this"}})
    assert found is not None
    assert found.member == name


@pytest.mark.parametrize(
    ("claims", "row"), [({"htm": "GET"}, "D9"), ({"htu": f"{BASE}/message"}, "D10"), ({"iat": NOW_S - 37}, "D11")]
)
def test_proofs_at_helseid(helseid: ExplainedHelseId, claims: dict[str, object], row: str):
    found = helseid.ask(proof=helseid.world.proof(claims))
    assert found is not None
    assert found.row == row
    assert ISSUER + TOKEN_PATH in found.says.nb or row != "D10"


@pytest.mark.parametrize(
    ("form", "row"),
    [
        ({"form": {"grant_type": "password"}}, "unsupported_grant_type"),
        ({"form": {"scope": "other:api/all"}}, "invalid_scope"),
        ({"client": MULTI}, "invalid_request"),
        ({"form": {"client_id": LEFT_OUT}}, "C1"),
    ],
)
def test_what_else_helseid_refuses(helseid: ExplainedHelseId, form: dict[str, object], row: str):
    found = helseid.ask(**form)
    assert found is not None
    assert found.row == row


def test_helseids_nonce(tmp_path: Path):
    helseid = ExplainedHelseId(tmp_path)
    helseid.world.helseid._require_nonce = True
    found = helseid.ask()
    assert found is not None
    assert (found.row, found.member) == ("D12", "nonce")


def test_each_row_has_both_languages():
    for row in {**TOKEN, **PROOF, **ASSERTION, **REQUEST}.values():
        assert all((row.wants.nb, row.wants.en, row.remedy.nb, row.remedy.en))
        assert row.wants.nb != row.wants.en
