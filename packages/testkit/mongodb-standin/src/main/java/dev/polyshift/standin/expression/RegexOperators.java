package dev.polyshift.standin.expression;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import de.bwaldvogel.mongo.bson.BsonRegularExpression;
import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.query.Regexes;

/** Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/regexMatch/ */
final class RegexOperators {

    private static final List<String> REQUIRED = List.of("input", "regex");
    private static final List<String> OPTIONAL = List.of("options");

    private RegexOperators() {
    }

    static void register(Operators operators) {
        operators.named("$regexMatch", REQUIRED, OPTIONAL, a -> {
            Matcher matcher = matcher("$regexMatch", a);
            return matcher != null && matcher.find();
        });
        operators.named("$regexFind", REQUIRED, OPTIONAL, a -> {
            Matcher matcher = matcher("$regexFind", a);
            return matcher != null && matcher.find() ? found(matcher, (String) a[0]) : null;
        });
        operators.named("$regexFindAll", REQUIRED, OPTIONAL, a -> {
            Matcher matcher = matcher("$regexFindAll", a);
            List<Object> all = new ArrayList<>();
            while (matcher != null && matcher.find()) {
                all.add(found(matcher, (String) a[0]));
            }
            return all;
        });
    }

    private static Matcher matcher(String name, Object[] a) {
        if (Docs.isNullish(a[0]) || Docs.isNullish(a[1])) {
            return null;
        }
        if (!(a[0] instanceof String input)) {
            throw Failure.location(51104, name + " needs 'input' to be of type string");
        }
        String options = Docs.isNullish(a[2]) ? "" : (String) a[2];
        Pattern pattern;
        if (a[1] instanceof BsonRegularExpression regex) {
            pattern = Regexes.compile(regex.getPattern(), options.isEmpty() ? regex.getOptions() : options);
        } else if (a[1] instanceof String text) {
            pattern = Regexes.compile(text, options);
        } else {
            throw Failure.location(51105, name + " needs 'regex' to be of type string or regex");
        }
        return pattern.matcher(input);
    }

    private static Document found(Matcher matcher, String input) {
        List<Object> captures = new ArrayList<>();
        for (int group = 1; group <= matcher.groupCount(); group++) {
            captures.add(matcher.group(group));
        }
        return new Document("match", matcher.group()).append("idx", input.codePointCount(0, matcher.start()))
            .append("captures", captures);
    }
}
