"""Routes in admin: who is told what, tried out before it matters."""
