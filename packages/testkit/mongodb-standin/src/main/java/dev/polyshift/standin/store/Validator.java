package dev.polyshift.standin.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.query.Filter;
import dev.polyshift.standin.query.FilterCompiler;
import dev.polyshift.standin.schema.SchemaCompiler;

/** The validation rules of a collection. Manual: https://www.mongodb.com/docs/manual/core/schema-validation/ */
public final class Validator {

    private final Document rules;
    private final Filter filter;
    private final boolean moderate;
    private final boolean warn;

    private Validator(Document rules, boolean moderate, boolean warn) {
        this.rules = rules;
        this.filter = FilterCompiler.compile(rules, dev.polyshift.standin.expression.Env.lasting());
        this.moderate = moderate;
        this.warn = warn;
    }

    /** The validator of collection options, or null if nothing is to be checked; bad rules are refused. */
    static Validator of(Document options) {
        String level = (String) options.getOrDefault("validationLevel", "strict");
        String action = (String) options.getOrDefault("validationAction", "error");
        if (!List.of("off", "strict", "moderate").contains(level)) {
            throw Failure.badValue("Enumeration value '" + level + "' for field 'validationLevel' is not a valid value.");
        }
        if (!List.of("error", "warn").contains(action)) {
            throw Failure.badValue("Enumeration value '" + action + "' for field 'validationAction' is not a valid value.");
        }
        if (!(options.get("validator") instanceof Document rules) || rules.isEmpty()) {
            return null;
        }
        Validator validator = new Validator(rules, level.equals("moderate"), action.equals("warn"));
        return level.equals("off") ? null : validator;
    }

    /** @param before the document an update changes, or null on insert */
    public void check(Document document, Document before, String namespace) {
        if (filter.test(document) || moderate && before != null && !filter.test(before)) {
            return;
        }
        if (warn) {
            System.err.println("document would fail validation: " + namespace + " _id " + document.get("_id"));
            return;
        }
        throw new Failure(121, "DocumentValidationFailure", "Document failed validation")
            .with("errInfo", new Document("failingDocumentId", document.get("_id")).append("details", details(document)));
    }

    private Document details(Document document) {
        List<Document> failing = new ArrayList<>();
        for (Map.Entry<String, Object> rule : rules.entrySet()) {
            Document clause = new Document(rule.getKey(), rule.getValue());
            if (FilterCompiler.compile(clause).test(document)) {
                continue;
            }
            failing.add(rule.getKey().equals("$jsonSchema") ? SchemaCompiler.compile(rule.getValue()).explain(document)
                : clause(rule.getKey(), rule.getValue(), clause, document));
        }
        if (failing.size() == 1) {
            return failing.get(0);
        }
        List<Object> clauses = new ArrayList<>();
        for (int i = 0; i < failing.size(); i++) {
            clauses.add(new Document("index", i).append("details", failing.get(i)));
        }
        return new Document("operatorName", "$and").append("clausesNotSatisfied", clauses);
    }

    private static Document clause(String name, Object value, Document clause, Document document) {
        if (name.startsWith("$")) {
            return new Document("operatorName", name).append("specifiedAs", clause).append("reason", "expression did not match");
        }
        String operator = value instanceof Document condition && !condition.isEmpty()
            && condition.keySet().iterator().next().startsWith("$") ? condition.keySet().iterator().next() : "$eq";
        Object considered = new dev.polyshift.standin.query.FieldPath(name).inExpression(document, 0);
        Document details = new Document("operatorName", operator).append("specifiedAs", clause);
        return dev.polyshift.standin.bson.Docs.isMissing(considered) ? details.append("reason", "field was missing")
            : details.append("reason", "comparison failed").append("consideredValue", considered);
    }
}
