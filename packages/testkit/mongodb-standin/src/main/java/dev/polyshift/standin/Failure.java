package dev.polyshift.standin;

import java.util.ArrayList;
import java.util.List;

import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;

/**
 * A command or write error with MongoDB's code and code name, and where MongoDB sends them: errInfo, error labels and
 * further fields such as keyPattern and keyValue.
 *
 * <p>Manual: https://www.mongodb.com/docs/manual/reference/error-codes/
 */
public final class Failure extends MongoServerError {

    private final transient Document fields = new Document();
    private final List<String> labels = new ArrayList<>();

    public Failure(int code, String codeName, String message) {
        super(code, codeName, message == null || message.isEmpty() ? codeName : message);
    }

    /** Adds a field that stands beside code and errmsg in the reply or in the write error. */
    public Failure with(String name, Object value) {
        fields.put(name, value);
        return this;
    }

    /** Adds an error label such as TransientTransactionError; drivers decide by labels what to retry. */
    public Failure label(String label) {
        labels.add(label);
        return this;
    }

    /** The same error with what was going on before its message. */
    public Failure during(String context) {
        Failure wrapped = new Failure(getCode(), getCodeName(), context + getMessageWithoutErrorCode());
        wrapped.fields.putAll(fields);
        wrapped.labels.addAll(labels);
        return wrapped;
    }

    public Document fields() {
        return fields;
    }

    public List<String> labels() {
        return labels;
    }

    public static Failure badValue(String message) {
        return new Failure(2, "BadValue", message);
    }

    public static Failure parse(String message) {
        return new Failure(9, "FailedToParse", message);
    }

    public static Failure typeMismatch(String message) {
        return new Failure(14, "TypeMismatch", message);
    }

    public static Failure invalidOptions(String message) {
        return new Failure(72, "InvalidOptions", message);
    }

    public static Failure namespaceNotFound(String message) {
        return new Failure(26, "NamespaceNotFound", message);
    }

    public static Failure namespaceExists(String message) {
        return new Failure(48, "NamespaceExists", message);
    }

    /** Errors of expressions and stages that MongoDB numbers by their place in its source: LocationN. */
    public static Failure location(int code, String message) {
        return new Failure(code, "Location" + code, message);
    }

    /** A document was changed by somebody else; the label tells the driver to run the transaction again. */
    public static Failure writeConflict() {
        return new Failure(112, "WriteConflict", "WriteConflict error: this operation conflicted with another operation. "
            + "Please retry your operation or multi-document transaction.").label("TransientTransactionError");
    }

    /** What the stand-in does not carry is refused by name rather than answered wrongly. */
    public static Failure notInStandin(String what) {
        return new Failure(238, "NotImplemented", what + " is not carried by the polyshift stand-in for MongoDB");
    }
}
