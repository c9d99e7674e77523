package dev.polyshift.standin.store;

import java.util.Iterator;

/**
 * How a query goes through a collection.
 *
 * @param records what may match, to be iterated under the read lock
 * @param sorted  whether they come in the order the query asks for
 * @param whole   whether it is the whole collection in order of insertion
 */
record Scan(Iterator<Record> records, boolean sorted, boolean whole, String index) {
}
