"""The server process: uvicorn, its sockets and its workers."""
