package dev.polyshift.standin.wire;

import de.bwaldvogel.mongo.bson.Document;

/** What answers commands. Errors come back as documents with ok: 0; nothing is thrown. */
public interface CommandService {

    Document run(Connection connection, String database, Document command);

    void disconnected(Connection connection);
}
