package dev.polyshift.standin.schema;

import java.util.ArrayList;
import java.util.List;

import de.bwaldvogel.mongo.bson.Document;

/** A compiled schema or subschema. Manual: https://www.mongodb.com/docs/manual/reference/operator/query/jsonSchema/ */
public final class JsonSchema {

    private final Document annotations;
    private final List<Keyword> keywords;

    JsonSchema(Document annotations, List<Keyword> keywords) {
        this.annotations = annotations;
        this.keywords = keywords;
    }

    public boolean matches(Object value) {
        for (Keyword keyword : keywords) {
            if (!keyword.test(value)) {
                return false;
            }
        }
        return true;
    }

    /** The details of errInfo: https://www.mongodb.com/docs/manual/core/schema-validation/specify-json-schema/ */
    public Document explain(Document document) {
        Document details = new Document("operatorName", "$jsonSchema");
        details.putAll(annotations);
        return details.append("schemaRulesNotSatisfied", rules(document));
    }

    /** title and description, which errInfo repeats. */
    Document annotations() {
        return annotations;
    }

    List<Object> rules(Object value) {
        List<Object> rules = new ArrayList<>();
        for (Keyword keyword : keywords) {
            if (!keyword.test(value)) {
                rules.add(keyword.explain(value));
            }
        }
        return rules;
    }
}
