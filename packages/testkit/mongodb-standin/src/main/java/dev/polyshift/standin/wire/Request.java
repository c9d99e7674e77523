package dev.polyshift.standin.wire;

import de.bwaldvogel.mongo.bson.Document;

/**
 * One command as it came: OP_MSG, or OP_QUERY on $cmd, which drivers still use for the first hello.
 *
 * @param legacy    came as OP_QUERY and is answered by OP_REPLY
 * @param moreToCome an unacknowledged write: there is no answer
 */
public record Request(int requestId, String database, Document command, boolean legacy, boolean moreToCome) {
}
