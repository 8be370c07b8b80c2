"""`cotscope app --desktop`: the app in a window of its own, through Qt's WebEngine (the extra `desktop`).

Two processes. This one has the window and starts the server as its child. The server lives only as
long as the pipe between them is open (``leash``), so however the window ends, the server ends too.
``launch.launch`` starts it; Qt is imported after ``checks`` has seen that it is there and works.
"""
