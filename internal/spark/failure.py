"""Describes why a PySpark program failed."""


def causes(error):
    """Returns the Java exceptions that caused a Python exception, outermost first."""
    found = []
    java = getattr(error, "_origin", None) or getattr(error, "java_exception", None)
    while java is not None and len(found) < 16:
        found.append(java)
        java = java.getCause()
    return found


def described(java):
    """Returns condition, SQLSTATE, message and SQL fragment of a Java exception. Only Spark's exceptions have a condition."""
    try:
        found = java.getCondition(), java.getSqlState(), java.getMessage()
    except Exception:
        return None, None, java.getMessage() or java.getClass().getName(), None
    try:
        return found + (java.getQueryContext()[0].fragment(),)
    except Exception:
        return found + (None,)


def failure(error):
    """Returns what streamctl reports: the innermost exception with a condition, which is the cause; outer ones only add a place."""
    chain = [described(java) for java in causes(error)]
    if not chain:
        ours = getattr(error, "getCondition", lambda: None)()
        chain = [(ours, error.getSqlState() if ours else None, "%s: %s" % (type(error).__name__, error), None)]
    condition, state, message, fragment = ([c for c in chain if c[0]] or chain)[-1]
    if condition == "STREAM_FAILED":
        message = chain[-1][2]
    ran = type(error).__name__ == "StreamingQueryException"
    return {"condition": condition, "sqlState": state, "message": message or "", "fragment": fragment or "",
            "phase": "run" if ran else "start"}
