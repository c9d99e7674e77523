package dev.polyshift.standin.bson;

import java.nio.charset.StandardCharsets;

/**
 * One String for each field name, however often it is read: the same few names come with every document, and a copy
 * each would take as much memory as the values. Entries are immutable, so races only cost a second copy.
 */
final class FieldNames {

    private static final int SIZE = 1 << 14;
    private static final int LONGEST = 64;

    private record Entry(byte[] bytes, String name) { }

    private static final Entry[] ENTRIES = new Entry[SIZE];

    private FieldNames() {
    }

    static String of(byte[] buffer, int from, int to) {
        int length = to - from;
        if (length > LONGEST) {
            return new String(buffer, from, length, StandardCharsets.UTF_8);
        }
        int hash = length;
        for (int i = from; i < to; i++) {
            hash = hash * 31 + buffer[i];
        }
        int slot = (hash ^ (hash >>> 14)) & (SIZE - 1);
        Entry entry = ENTRIES[slot];
        if (entry != null && java.util.Arrays.equals(entry.bytes, 0, entry.bytes.length, buffer, from, to)) {
            return entry.name;
        }
        byte[] bytes = java.util.Arrays.copyOfRange(buffer, from, to);
        String name = new String(bytes, StandardCharsets.UTF_8);
        ENTRIES[slot] = new Entry(bytes, name);
        return name;
    }
}
