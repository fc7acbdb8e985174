"""`POST /validate`: the same request as `/message` at another address; all findings are told, nothing is stored."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ktt.receiver.api import answers, paths
from ktt.receiver.api.authenticator import Authenticator
from ktt.receiver.api.validation import ValidationQueue
from ktt.receiver.http import responses
from ktt.receiver.http.refusal import refuse
from ktt.receiver.http.request_bodies import BodyReader
from ktt.receiver.pipeline.stages import Buffer
from ktt.wire.answers import AnswerCode


class ValidateEndpoint:
    """The endpoint of `/validate`."""

    def __init__(self, authenticator: Authenticator, validation: ValidationQueue) -> None:
        self._authenticator, self._validation = authenticator, validation
        self._bodies = BodyReader(authenticator.services.settings)

    async def post(self, request: Request) -> Response:
        """200 with the verdict; refused as `/message` would refuse, but that a broken schema is a verdict too."""
        with self._authenticator.checks(request, paths.VALIDATE) as checks:
            admitted = await checks.admit(await checks.authenticate())
            declared = responses.declared_length(request.scope["headers"])
            async with self._bodies.reserve(declared) as large:
                body = Buffer(await self._bodies.read(request.receive, declared, large=large))
                opened = await checks.open(admitted, body)
                kind = (admitted.claims.message_type, admitted.claims.version)
                if self._authenticator.services.find(*kind) is None:
                    raise refuse(AnswerCode.SCHEMA_NOT_FOUND)
                verdict = await self._validation.verdict("validate", kind, opened.content)
                if verdict["fits_schema"]:  # else its units cannot be read
                    await checks.check_content(opened)
        return answers.json_response(request, verdict)
