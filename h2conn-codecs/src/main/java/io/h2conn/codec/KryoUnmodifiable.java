package io.h2conn.codec;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's unmodifiable collections, whatever their class, which is none that has a name: what arrives has the same
 * elements in the same order, and cannot be modified. Not by {@code List.of} and its like: they refuse nulls and forget the
 * order, and keys that a peer has made to collide cost them the square of their number, even if they are strings.
 */
final class KryoUnmodifiable {
    private KryoUnmodifiable() {}

    static final class Lists extends Serializer<List<?>> {
        @Override
        public void write(Kryo kryo, Output output, List<?> list) {
            writeElements(kryo, output, list);
        }

        @Override
        public List<?> read(Kryo kryo, Input input, Class<? extends List<?>> type) {
            return Collections.unmodifiableList(Arrays.asList(readElements(kryo, input)));
        }
    }

    static final class Sets extends Serializer<Set<?>> {
        @Override
        public void write(Kryo kryo, Output output, Set<?> set) {
            writeElements(kryo, output, set);
        }

        @Override
        public Set<?> read(Kryo kryo, Input input, Class<? extends Set<?>> type) {
            return Collections.unmodifiableSet(new LinkedHashSet<>(Arrays.asList(readElements(kryo, input))));
        }
    }

    /** The number of entries as a varint; each key with its class, and its value with its class. */
    static final class Maps extends Serializer<Map<?, ?>> {
        @Override
        public void write(Kryo kryo, Output output, Map<?, ?> map) {
            BoundedKryo.count(kryo, map.size());
            output.writeVarInt(map.size(), true);
            map.forEach((key, value) -> {
                kryo.writeClassAndObject(output, key);
                kryo.writeClassAndObject(output, value);
            });
        }

        @Override
        public Map<?, ?> read(Kryo kryo, Input input, Class<? extends Map<?, ?>> type) {
            int size = input.readVarInt(true);
            BoundedKryo.count(kryo, size);
            Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
            for (int i = 0; i < size; i++) {
                map.put(kryo.readClassAndObject(input), kryo.readClassAndObject(input));
            }
            return Collections.unmodifiableMap(map);
        }
    }

    /** The number of elements as a varint; if there are any, their class, or 0 and then each element with its own class. */
    private static void writeElements(Kryo kryo, Output output, Collection<?> elements) {
        BoundedKryo.count(kryo, elements.size());
        output.writeVarInt(elements.size(), true);
        if (elements.isEmpty()) {
            return;
        }
        Registration common = kryo.writeClass(output, commonClass(elements));
        for (Object element : elements) {
            if (common == null) {
                kryo.writeClassAndObject(output, element);
            } else {
                kryo.writeObject(output, element, common.getSerializer());
            }
        }
    }

    private static @Nullable Class<?> commonClass(Collection<?> elements) {
        Class<?> common = null;
        for (Object element : elements) {
            if (element == null || (common != null && element.getClass() != common)) {
                return null;
            }
            common = element.getClass();
        }
        return common;
    }

    private static @Nullable Object[] readElements(Kryo kryo, Input input) {
        int size = input.readVarInt(true);
        BoundedKryo.count(kryo, size);
        @Nullable Object[] elements = new Object[size];
        Registration common = size == 0 ? null : kryo.readClass(input);
        Class<?> type = common == null ? null : common.getType();
        for (int i = 0; i < size; i++) {
            elements[i] = common == null || type == null
                    ? kryo.readClassAndObject(input)
                    : kryo.readObject(input, type, common.getSerializer());
        }
        return elements;
    }
}
