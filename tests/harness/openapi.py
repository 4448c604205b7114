# SPDX-License-Identifier: Apache-2.0
"""Holds answers to the OpenAPI description: the part of JSON Schema that it uses, and nothing it does not."""
import re

from gateway import Gateway

KNOWN = {"type", "required", "properties", "items", "enum", "const", "$ref", "allOf", "anyOf", "oneOf", "additionalProperties", "pattern",
         "format", "description", "minLength", "maxLength", "maxItems", "contentEncoding"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "null": type(None)}


class Description:
    def __init__(self, document):
        self.document = document
        self.paths = [(re.compile("^" + re.sub(r"\{regulation\}", ".+", re.sub(r"\{(?!regulation)\w+\}", "[^/]+", path)) + "$"), methods)
                      for path, methods in document["paths"].items()]
        self.paths.sort(key=lambda entry: ".+" in entry[0].pattern or "[^/]+" in entry[0].pattern)

    def resolve(self, node):
        while "$ref" in node:
            found = self.document
            for part in node["$ref"].lstrip("#/").split("/"):
                found = found[part]
            node = found
        return node

    def check(self, schema, value, at=""):
        schema = self.resolve(schema)
        assert set(schema) <= KNOWN, f"the description uses {set(schema) - KNOWN}, which this test does not know"
        for part in schema.get("allOf", []):
            self.check(part, value, at)
        if "anyOf" in schema:
            wrong = []
            for part in schema["anyOf"]:
                try:
                    self.check(part, value, at)
                    break
                except AssertionError as error:
                    wrong.append(str(error))
            else:
                raise AssertionError(f"{at}: none of them: {wrong}")
        if "type" in schema:
            types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
            assert any(isinstance(value, TYPES[type]) for type in types), f"{at}: {value!r} is no {types}"
        assert value in schema.get("enum", [value]), f"{at}: {value!r}"
        assert value == schema.get("const", value), f"{at}: {value!r}"
        if isinstance(value, str) and "pattern" in schema:
            assert re.search(schema["pattern"], value), f"{at}: {value!r}"
        if isinstance(value, dict):
            missing = [name for name in schema.get("required", []) if name not in value]
            assert not missing, f"{at}: {missing} missing"
            for name, part in schema.get("properties", {}).items():
                if name in value:
                    self.check(part, value[name], f"{at}/{name}")
        if isinstance(value, list) and "items" in schema:
            for n, item in enumerate(value):
                self.check(schema["items"], item, f"{at}/{n}")

    def answer(self, method, path, status, content_type, data):
        """An answer is described: its status, its media type, its shape."""
        for pattern, methods in self.paths:
            if pattern.match(path.split("?")[0]) and method.lower() in methods:
                break
        else:
            assert status in (404, 405), f"{method} {path} is not described and answers {status}"
            return
        responses = methods[method.lower()]["responses"]
        response = self.resolve(responses.get(str(status)) or responses.get("default") or {})
        assert response, f"{method} {path}: {status} is not described"
        media = (content_type or "").split(";")[0]
        if "content" not in response:
            assert not data, f"{method} {path}: {status} has a body that is not described"
            return
        content = response["content"]
        schema = content.get(media) or content.get(media.split("/")[0] + "/*")
        assert schema, f"{method} {path}: {status} as {media} is not described"
        if "json" in media:
            self.check(schema["schema"], data)


class Described(Gateway):
    """A gateway whose every answer is held to its own description, once `describe` was called."""
    description = None

    def describe(self):
        self.description = Description(self.call("GET", "/openapi.json", token="")[1])

    def call(self, method, path, *words, **options):
        status, data, headers = super().call(method, path, *words, **options)
        if self.description is not None and method != "HEAD":
            self.description.answer(method, path, status, headers.get("Content-Type"), data)
        return status, data, headers
