package dev.polyshift.standin.schema;

import java.util.function.Predicate;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.bson.BsonTypes;
import dev.polyshift.standin.bson.Docs;

/** One keyword of a schema with its value: whether a value satisfies it, and if not, what errInfo says about it. */
abstract class Keyword {

    final String name;
    final Object spec;

    Keyword(String name, Object spec) {
        this.name = name;
        this.spec = spec;
    }

    abstract boolean test(Object value);

    /** Called only where {@link #test} said no. */
    abstract Document explain(Object value);

    Document head() {
        return new Document("operatorName", name);
    }

    Document specified() {
        return head().append("specifiedAs", new Document(name, spec));
    }

    /** A keyword that looks at one value and gives one reason. */
    static Keyword simple(String name, Object spec, String reason, Predicate<Object> test) {
        return new Keyword(name, spec) {
            @Override
            boolean test(Object value) {
                return test.test(value);
            }

            @Override
            Document explain(Object value) {
                Document details = specified().append("reason", reason).append("consideredValue", Docs.isMissing(value) ? null : value);
                return name.equals("bsonType") || name.equals("type")
                    ? details.append("consideredType", BsonTypes.alias(value)) : details;
            }
        };
    }
}
