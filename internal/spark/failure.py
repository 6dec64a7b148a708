"""Why a PySpark program failed, as streamctl reports it."""


def causes(error):
    """The Java exceptions behind a Python one, outermost first."""
    found = []
    java = getattr(error, "_origin", None) or getattr(error, "java_exception", None)
    while java is not None and len(found) < 16:
        found.append(java)
        java = java.getCause()
    return found


def described(java):
    """Condition, SQLSTATE, text and the SQL at fault of a Java exception; those of Spark have a condition."""
    try:
        found = java.getCondition(), java.getSqlState(), java.getMessage()
    except Exception:
        return None, None, java.getMessage() or java.getClass().getName(), None
    try:
        return found + (java.getQueryContext()[0].fragment(),)
    except Exception:
        return found + (None,)


def failure(error):
    """What streamctl reports: the innermost exception with a condition says why, those around it only where."""
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
