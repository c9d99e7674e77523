package dev.polyshift.standin.wire;

import de.bwaldvogel.mongo.bson.Document;

/** The answer to one request. */
public record Reply(int responseTo, Document document, boolean legacy) {
}
