package dev.polyshift.standin.update;

import de.bwaldvogel.mongo.bson.Document;

/** A compiled update: operators, a whole replacement, or a pipeline. It never changes the document it is given. */
public interface Update {

    /**
     * @param matched  the array element the query matched, for the positional operator; -1 if none
     * @param inserting whether this is the insert of an upsert, which $setOnInsert applies to
     */
    Document apply(Document document, int matched, boolean inserting);

    /** Whether it replaces whole documents, as change streams tell them apart. */
    default boolean isReplacement() {
        return false;
    }
}
