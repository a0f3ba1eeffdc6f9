"""The script of the live page: one string, no assets from elsewhere."""

from __future__ import annotations

import hashlib

__all__ = ["SCRIPT", "SCRIPT_VERSION"]

SCRIPT = """\
"use strict";

const shelf = document.getElementById("added");
const state = document.getElementById("state");
const MOST = 50;
const PAUSE = 2000;

function show(text) {
  const book = JSON.parse(text);
  if (document.getElementById(`book-${book.id}`)) return; // told again after a pause
  const link = document.createElement("a");
  link.href = book.address;
  link.lang = book.language;
  link.textContent = book.title;
  const item = document.createElement("li");
  item.id = `book-${book.id}`;
  item.append(link, ` by ${book.author}`);
  shelf.prepend(item);
  while (shelf.children.length > MOST) shelf.lastElementChild.remove();
}

function say(text) {
  state.textContent = text;
}

function bySocket() {
  const address = new URL(shelf.dataset.socket, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address);
  socket.onopen = () => say("Listening over a WebSocket.");
  socket.onmessage = (event) => show(event.data);
  socket.onclose = () => {
    say("The connection is lost; trying again.");
    setTimeout(bySocket, PAUSE);
  };
}

function byEvents() {
  const source = new EventSource(shelf.dataset.events); // connects again by itself
  source.onopen = () => say("Listening to server-sent events.");
  source.onmessage = (event) => show(event.data);
  source.onerror = () => say("The connection is lost; trying again.");
}

if (shelf.dataset.by === "events") byEvents();
else bySocket();
"""
#: Changes with the script, so that it can be kept for ever.
SCRIPT_VERSION = hashlib.sha256(SCRIPT.encode()).hexdigest()[:12]
