package dev.polyshift.standin.query;

/**
 * Remembers which element of the first array a filter passed through made it match: the positional operator $ stands
 * for it. Manual: https://www.mongodb.com/docs/manual/reference/operator/update/positional/
 */
public final class Match {

    private int index = -1;

    /** Inner arrays report before outer ones, so the outermost stays. */
    void at(int element) {
        index = element;
    }

    public int index() {
        return index;
    }
}
