package dev.polyshift.standin.store;

import de.bwaldvogel.mongo.bson.Document;

/**
 * An uncommitted write of a transaction.
 *
 * @param document    what the transaction sees; null if it deleted the document
 * @param replacement whether the last update replaced the whole document
 */
public record Change(Document document, boolean replacement) {
}
