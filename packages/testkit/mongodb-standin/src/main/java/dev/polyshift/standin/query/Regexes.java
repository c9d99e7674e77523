package dev.polyshift.standin.query;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

import de.bwaldvogel.mongo.bson.BsonRegularExpression;

import dev.polyshift.standin.Failure;

/** MongoDB's PCRE patterns as Java patterns; the common syntax is the same. */
public final class Regexes {

    private Regexes() {
    }

    public static Pattern compile(BsonRegularExpression regex) {
        return compile(regex.getPattern(), regex.getOptions());
    }

    public static Pattern compile(String pattern, String options) {
        int flags = 0;
        for (char option : (options == null ? "" : options).toCharArray()) {
            switch (option) {
                case 'i' -> flags |= Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE;
                case 'm' -> flags |= Pattern.MULTILINE;
                case 's' -> flags |= Pattern.DOTALL;
                case 'x' -> flags |= Pattern.COMMENTS;
                case 'u', 'l' -> { }
                default -> throw new Failure(51108, "Location51108", "invalid flag in regex options: " + option);
            }
        }
        try {
            return Pattern.compile(pattern, flags);
        } catch (PatternSyntaxException e) {
            throw new Failure(51091, "Location51091", "Regular expression is invalid: " + e.getDescription());
        }
    }
}
