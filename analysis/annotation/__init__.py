"""What people say of findings: attaching it to results, agreement, queues, and gold files. No I/O."""
