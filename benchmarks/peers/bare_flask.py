"""A Flask application that reads JSON and answers JSON, and does nothing else: the floor of this stack."""

from flask import Flask, Response, jsonify, request

app = Flask("bare")


@app.post("/check")
def check() -> tuple[Response, int]:
    """Answer what was asked."""
    asked = request.get_json()
    return jsonify(decision="ALLOW", service=asked["service"]), 201
