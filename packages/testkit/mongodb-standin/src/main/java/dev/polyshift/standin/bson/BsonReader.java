package dev.polyshift.standin.bson;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

import de.bwaldvogel.mongo.bson.BinData;
import de.bwaldvogel.mongo.bson.BsonJavaScript;
import de.bwaldvogel.mongo.bson.BsonRegularExpression;
import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.Decimal128;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.LegacyUUID;
import de.bwaldvogel.mongo.bson.MaxKey;
import de.bwaldvogel.mongo.bson.MinKey;
import de.bwaldvogel.mongo.bson.ObjectId;

import dev.polyshift.standin.Failure;

/** Reads BSON exactly: every type and binary subtype comes back as it was sent. Specification: https://bsonspec.org */
public final class BsonReader {

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG_BE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] buffer;
    private int at;

    public BsonReader(byte[] buffer, int at) {
        this.buffer = buffer;
        this.at = at;
    }

    public int position() {
        return at;
    }

    public int int32() {
        int value = (int) INT.get(buffer, at);
        at += 4;
        return value;
    }

    public long int64() {
        long value = (long) LONG.get(buffer, at);
        at += 8;
        return value;
    }

    public byte int8() {
        return buffer[at++];
    }

    public String cstring() {
        int from = at;
        while (buffer[at] != 0) {
            at++;
        }
        return FieldNames.of(buffer, from, at++);
    }

    public Document document() {
        int end = end();
        Document document = new Document();
        for (byte type = int8(); type != 0; type = int8()) {
            String name = cstring();
            document.put(name, value(type));
        }
        return closed(document, end);
    }

    private List<Object> array() {
        int end = end();
        List<Object> list = new ArrayList<>();
        for (byte type = int8(); type != 0; type = int8()) {
            while (buffer[at++] != 0) {
                continue;
            }
            list.add(value(type));
        }
        return closed(list, end);
    }

    private int end() {
        int start = at;
        int length = int32();
        if (length < 5 || start + length > buffer.length) {
            throw new Failure(22, "InvalidBSON", "incorrect BSON length " + length);
        }
        return start + length;
    }

    private <T> T closed(T value, int end) {
        if (at != end) {
            throw new Failure(22, "InvalidBSON", "BSON object ends at another place than its length says");
        }
        return value;
    }

    private Object value(byte type) {
        switch (type) {
            case 0x01: return Double.longBitsToDouble(int64());
            case 0x02: return string();
            case 0x03: return document();
            case 0x04: return array();
            case 0x05: return binary();
            case 0x06: return new Opaque(type, new byte[0]);
            case 0x07: return new ObjectId(bytes(12));
            case 0x08: return int8() != 0;
            case 0x09: return Instant.ofEpochMilli(int64());
            case 0x0A: return null;
            case 0x0B: return new BsonRegularExpression(freshCstring(), freshCstring());
            case 0x0C: return new Opaque(type, bytes(4 + (int) INT.get(buffer, at) + 12));
            case 0x0D: return new BsonJavaScript(string());
            case 0x0E: return new Opaque(type, bytes(4 + (int) INT.get(buffer, at)));
            case 0x0F: return new Opaque(type, bytes((int) INT.get(buffer, at)));
            case 0x10: return int32();
            case 0x11: return new BsonTimestamp(int64());
            case 0x12: return int64();
            case 0x13: return decimal();
            case (byte) 0xFF: return MinKey.getInstance();
            case 0x7F: return MaxKey.getInstance();
            default: throw new Failure(22, "InvalidBSON", "unrecognized BSON type " + type);
        }
    }

    private Decimal128 decimal() {
        long low = int64();
        return new Decimal128(low, int64());
    }

    private String freshCstring() {
        int from = at;
        while (buffer[at] != 0) {
            at++;
        }
        return new String(buffer, from, at++ - from, StandardCharsets.UTF_8);
    }

    private String string() {
        int length = int32();
        String value = new String(buffer, at, length - 1, StandardCharsets.UTF_8);
        at += length;
        return value;
    }

    private Object binary() {
        int length = int32();
        byte subtype = int8();
        if (subtype == 0) {
            return new BinData(bytes(length));
        }
        if (subtype == 4 && length == 16) {
            UUID uuid = new UUID((long) LONG_BE.get(buffer, at), (long) LONG_BE.get(buffer, at + 8));
            at += 16;
            return uuid;
        }
        if (subtype == 3 && length == 16) {
            long most = int64();
            return new LegacyUUID(most, int64());
        }
        return new Binary(subtype, bytes(length));
    }

    private byte[] bytes(int length) {
        byte[] copy = Arrays.copyOfRange(buffer, at, at + length);
        at += length;
        return copy;
    }
}
