"""The API as a whole: every route with every role, every failure a problem document, a document that validates."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.service import Service, running


@pytest.fixture
async def service(dsn: str, tmp_path: Path) -> AsyncIterator[Service]:
    async with running(dsn, tmp_path) as service:
        yield service


async def test_the_openapi_document_validates(service: Service) -> None:
    answer = await service.client.get("/schema")
    document = json.loads(answer.content)
    assert document["openapi"].startswith("3.1")
    errors = [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()]
    assert errors == []
    login = document["paths"]["/api/v1/login"]["post"]
    assert login["responses"]["401"]["content"].keys() == {"application/problem+json"}
