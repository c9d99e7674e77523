package dev.polyshift.standin.bson;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;

import de.bwaldvogel.mongo.backend.Missing;
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

/** Writes BSON into a growing byte array. Specification: https://bsonspec.org */
public final class BsonWriter {

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG_BE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private byte[] buffer;
    private int at;

    public BsonWriter(int capacity) {
        buffer = new byte[capacity];
    }

    public byte[] array() {
        return buffer;
    }

    public int length() {
        return at;
    }

    public static byte[] bytes(Document document) {
        BsonWriter writer = new BsonWriter(256);
        writer.document(document);
        return Arrays.copyOf(writer.buffer, writer.at);
    }

    public void int8(int value) {
        need(1);
        buffer[at++] = (byte) value;
    }

    public void int32(int value) {
        need(4);
        INT.set(buffer, at, value);
        at += 4;
    }

    public void int64(long value) {
        need(8);
        LONG.set(buffer, at, value);
        at += 8;
    }

    /** Sets a length that was left open. */
    public void patchInt32(int position, int value) {
        INT.set(buffer, position, value);
    }

    public void document(Map<String, Object> document) {
        int start = at;
        int32(0);
        for (Map.Entry<String, Object> entry : document.entrySet()) {
            Object value = entry.getValue();
            if (!(value instanceof Missing)) {
                element(entry.getKey(), value);
            }
        }
        int8(0);
        patchInt32(start, at - start);
    }

    private void element(String name, Object value) {
        int typeAt = at;
        int8(0);
        cstring(name);
        byte type = value(value);
        buffer[typeAt] = type;
    }

    private void array(Collection<?> values) {
        int start = at;
        int32(0);
        int index = 0;
        for (Object value : values) {
            element(Integer.toString(index++), value instanceof Missing ? null : value);
        }
        int8(0);
        patchInt32(start, at - start);
    }

    /** Writes the value and returns its BSON type. */
    private byte value(Object value) {
        if (value == null) {
            return 0x0A;
        } else if (value instanceof String s) {
            string(s);
            return 0x02;
        } else if (value instanceof Integer i) {
            int32(i);
            return 0x10;
        } else if (value instanceof Long l) {
            int64(l);
            return 0x12;
        } else if (value instanceof Double d) {
            int64(Double.doubleToRawLongBits(d));
            return 0x01;
        } else if (value instanceof Boolean b) {
            int8(b ? 1 : 0);
            return 0x08;
        } else if (value instanceof Map<?, ?>) {
            @SuppressWarnings("unchecked")
            Map<String, Object> map = (Map<String, Object>) value;
            document(map);
            return 0x03;
        } else if (value instanceof Collection<?> c) {
            array(c);
            return 0x04;
        } else if (value instanceof Instant instant) {
            int64(instant.toEpochMilli());
            return 0x09;
        } else if (value instanceof ObjectId id) {
            raw(id.toByteArray());
            return 0x07;
        } else if (value instanceof Decimal128 decimal) {
            int64(decimal.getLow());
            int64(decimal.getHigh());
            return 0x13;
        }
        return rareValue(value);
    }

    private byte rareValue(Object value) {
        if (value instanceof BinData data) {
            binary((byte) 0, data.getData());
            return 0x05;
        } else if (value instanceof UUID uuid) {
            int32(16);
            int8(4);
            need(16);
            LONG_BE.set(buffer, at, uuid.getMostSignificantBits());
            LONG_BE.set(buffer, at + 8, uuid.getLeastSignificantBits());
            at += 16;
            return 0x05;
        } else if (value instanceof LegacyUUID legacy) {
            int32(16);
            int8(3);
            int64(legacy.getUuid().getMostSignificantBits());
            int64(legacy.getUuid().getLeastSignificantBits());
            return 0x05;
        } else if (value instanceof Binary binary) {
            binary(binary.subtype(), binary.data());
            return 0x05;
        } else if (value instanceof BsonTimestamp timestamp) {
            int64(timestamp.getValue());
            return 0x11;
        } else if (value instanceof BsonRegularExpression regex) {
            cstring(regex.getPattern());
            cstring(regex.getOptions() == null ? "" : regex.getOptions());
            return 0x0B;
        } else if (value instanceof BsonJavaScript code) {
            string(code.getCode());
            return 0x0D;
        } else if (value instanceof MinKey) {
            return (byte) 0xFF;
        } else if (value instanceof MaxKey) {
            return 0x7F;
        } else if (value instanceof Opaque opaque) {
            raw(opaque.raw());
            return opaque.type();
        }
        throw new IllegalArgumentException("no BSON type for " + value.getClass());
    }

    private void binary(byte subtype, byte[] data) {
        int32(data.length);
        int8(subtype);
        raw(data);
    }

    private void string(String value) {
        int lengthAt = at;
        int32(0);
        utf8(value);
        int8(0);
        patchInt32(lengthAt, at - lengthAt - 4);
    }

    public void cstring(String value) {
        utf8(value);
        int8(0);
    }

    private void utf8(String value) {
        int length = value.length();
        need(length);
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            if (c >= 0x80) {
                at -= i;
                raw(value.getBytes(StandardCharsets.UTF_8));
                return;
            }
            buffer[at++] = (byte) c;
        }
    }

    private void raw(byte[] bytes) {
        need(bytes.length);
        System.arraycopy(bytes, 0, buffer, at, bytes.length);
        at += bytes.length;
    }

    private void need(int more) {
        if (at + more > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, at + more));
        }
    }
}
