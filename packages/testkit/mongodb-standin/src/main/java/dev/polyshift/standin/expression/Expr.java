package dev.polyshift.standin.expression;

/** A compiled aggregation expression; an absent value is Missing, as a field that is not there. */
public interface Expr {

    Object eval(Env env);
}
