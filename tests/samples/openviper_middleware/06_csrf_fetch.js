const csrfToken = document.cookie.match(/csrftoken=([^;]+)/)?.[1];
fetch("/api/data", {
method: "POST",
headers: {"X-CSRFToken": csrfToken, "Content-Type": "application/json"},
body: JSON.stringify({key: "value"}),
});
