package dev.polyshift.standin.expression;

import java.time.Instant;

import de.bwaldvogel.mongo.backend.Missing;

import dev.polyshift.standin.Failure;

/**
 * The variables an expression sees: the document at hand and what $let, $map and the like bind.
 * Manual: https://www.mongodb.com/docs/manual/reference/aggregation-variables/
 */
public final class Env {

    private final Env outer;
    private final String name;
    private final Object value;
    private final Object root;
    private final Instant now;

    private Env(Env outer, String name, Object value, Object root, Instant now) {
        this.outer = outer;
        this.name = name;
        this.value = value;
        this.root = root;
        this.now = now;
    }

    /** No variables and no document; $$NOW is fixed here, once for a command. */
    public static Env empty() {
        return new Env(null, null, null, Missing.getInstance(), Instant.ofEpochMilli(System.currentTimeMillis()));
    }

    /** As {@link #empty}, but $$NOW is the time of each evaluation: for rules that outlive a command. */
    public static Env lasting() {
        return new Env(null, null, null, Missing.getInstance(), null);
    }

    public Env withRoot(Object document) {
        return new Env(outer, name, value, document, now);
    }

    public Env with(String variable, Object bound) {
        return new Env(this, variable, bound, root, now);
    }

    public Object root() {
        return root;
    }

    /** The value of $$variable. */
    Object get(String variable) {
        for (Env env = this; env != null; env = env.outer) {
            if (variable.equals(env.name)) {
                return env.value;
            }
        }
        switch (variable) {
            case "ROOT": case "CURRENT": return root;
            case "NOW": return now != null ? now : Instant.ofEpochMilli(System.currentTimeMillis());
            case "CLUSTER_TIME": return new de.bwaldvogel.mongo.bson.BsonTimestamp(Instant.now(), 1);
            case "REMOVE": return Missing.getInstance();
            case "DESCEND": case "PRUNE": case "KEEP": return variable;
            default: throw Failure.location(17276, "Use of undefined variable: " + variable);
        }
    }
}
