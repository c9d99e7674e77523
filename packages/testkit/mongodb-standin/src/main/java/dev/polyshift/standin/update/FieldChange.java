package dev.polyshift.standin.update;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.query.FieldPath;

/** One operator on one field. */
interface FieldChange {

    FieldPath path();

    /** Changes the document, a copy made for this update, at the path with its positional parts resolved. */
    void apply(Document document, FieldPath resolved);

    default boolean onlyOnInsert() {
        return false;
    }
}
