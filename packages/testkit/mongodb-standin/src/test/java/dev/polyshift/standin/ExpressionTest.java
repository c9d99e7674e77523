package dev.polyshift.standin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

import org.bson.Document;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpressionTest extends StandinTest {

    @BeforeEach
    void insert() {
        users.insertOne(doc("{_id: 1, n: 5, s: 'Abc', list: [3, 1, 2], o: {a: 1, b: 2}, items: [{p: 1}, {q: 1}, {p: 2}], d: {$date: '2020-01-31T10:20:30.400Z'}}"));
    }

    private Object eval(Object expression) {
        return users.aggregate(List.of(new Document("$project", new Document("_id", 0).append("v", expression)))).first().get("v");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{$cond: [{$gt: ['$n', 3]}, 'big', 'small']} | 'big'",
        "{$switch: {branches: [{case: {$eq: ['$n', 1]}, then: 'one'}], default: 'many'}} | 'many'",
        "{$ifNull: ['$x', '$y', 7]} | 7",
        "{$type: '$x'} | 'missing'",
        "{$toString: {$toDecimal: '1.10'}} | '1.10'",
        "{$toString: 1.5} | '1.5'",
        "{$toInt: '42'} | 42",
        "{$toLong: '42'} | {$numberLong: '42'}",
        "{$toDate: '2020-01-02'} | {$date: '2020-01-02T00:00:00Z'}",
        "{$convert: {input: 'x', to: 'int', onError: -1}} | -1",
        "{$convert: {input: '$x', to: 'int', onNull: -2}} | -2",
        "{$concat: ['$s', '-', '$x']} | null",
        "{$trim: {input: '  a b '}} | 'a b'",
        "{$split: ['a,b', ',']} | ['a', 'b']",
        "{$toLower: '$s'} | 'abc'",
        "{$objectToArray: '$o'} | [{k: 'a', v: 1}, {k: 'b', v: 2}]",
        "{$arrayToObject: [[['k', 1]]]} | {k: 1}",
        "{$map: {input: '$list', as: 'x', in: {$multiply: ['$$x', 2]}}} | [6, 2, 4]",
        "{$filter: {input: '$list', cond: {$gt: ['$$this', 1]}}} | [3, 2]",
        "{$reduce: {input: '$list', initialValue: 0, in: {$add: ['$$value', '$$this']}}} | 6",
        "{$mergeObjects: ['$o', {b: 3}]} | {a: 1, b: 3}",
        "{$literal: '$n'} | '$n'",
        "{$getField: {field: 'a', input: '$o'}} | 1",
        "{$setField: {field: 'x.y', input: '$o', value: 9}} | {a: 1, b: 2, 'x.y': 9}",
        "{$dateToString: {date: '$d', format: '%Y-%m-%d %H:%M:%S.%L'}} | '2020-01-31 10:20:30.400'",
        "{$dateFromString: {dateString: '31/01/2020', format: '%d/%m/%Y'}} | {$date: '2020-01-31T00:00:00Z'}",
        "{$dateAdd: {startDate: '$d', unit: 'month', amount: 1}} | {$date: '2020-02-29T10:20:30.400Z'}",
        "{$regexMatch: {input: '$s', regex: '^a', options: 'i'}} | true",
        "{$regexFind: {input: 'ab12', regex: '([a-z])([0-9]+)'}} | {match: 'b12', idx: 1, captures: ['b', '12']}",
        "{$replaceAll: {input: 'a-b-c', find: '-', replacement: '+'}} | 'a+b+c'",
        "{$round: [2.5, 0]} | 2.0",
        "{$round: [1234, -2]} | 1200",
        "{$divide: [1, 4]} | 0.25",
        "{$add: [{$numberLong: '9223372036854775807'}, 1]} | 9223372036854775807.0",
        "{$eq: ['$o', {$literal: {b: 2, a: 1}}]} | false",
        "{$eq: ['$x', null]} | false",
        "{$indexOfArray: ['$list', 2]} | 2",
        "{$slice: ['$list', -2]} | [1, 2]",
        "{$in: [9, '$list']} | false",
        "{$last: '$list'} | 2",
        "{$sortArray: {input: '$list', sortBy: -1}} | [3, 2, 1]",
        "'$items.p' | [1, 2]",
        "{$size: '$list'} | 3",
        "{$setUnion: [[2, 1], [1, 3]]} | [1, 2, 3]"})
    void expression(String expression, String value) {
        Object wanted = doc("{v: " + value + "}").get("v");
        assertEquals(wanted, eval(doc("{e: " + expression + "}").get("e")));
    }

    @Test
    void errorsHaveMongoCodes() {
        fails(241, () -> eval(doc("{$toInt: 'x'}")));
        fails(168, () -> eval(doc("{$nope: 1}")));
        fails(17276, () -> eval("$$nope"));
        fails(2, () -> eval(doc("{$divide: [1, 0]}")));
        fails(40324, () -> users.aggregate(docs("{$nope: 1}")).first());
    }
}
