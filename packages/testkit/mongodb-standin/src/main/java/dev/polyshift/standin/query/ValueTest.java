package dev.polyshift.standin.query;

/** A test of one value that a path reached. */
interface ValueTest {

    boolean test(Object value, Match match);
}
