package io.h2conn.codec;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.lang.reflect.Array;
import org.jspecify.annotations.Nullable;

/**
 * Arrays whose elements Kryo reads one by one, as Kryo writes them: the length plus one as a varint, 0 for {@code null},
 * then the elements. The length is {@linkplain BoundedKryo#count counted} before the array is made.
 */
final class KryoArrays {
    private KryoArrays() {}

    private static void writeLength(Kryo kryo, Output output, int length) {
        BoundedKryo.count(kryo, length);
        output.writeVarInt(length + 1, true);
    }

    /** Returns the length, or -1 for {@code null}. */
    private static int readLength(Kryo kryo, Input input) {
        int length = input.readVarInt(true) - 1;
        if (length != -1) {
            BoundedKryo.count(kryo, length);
        }
        return length;
    }

    /** Of a final class: its elements, or 0 for {@code null}. Of any other: the class of each element and the element. */
    static final class Objects extends Serializer<@Nullable Object @Nullable []> {
        private final Class<?> elementType;
        private final boolean ofOneClass;

        Objects(Kryo kryo, Class<?> type) {
            setAcceptsNull(true);
            elementType = type.getComponentType();
            ofOneClass = kryo.isFinal(elementType);
        }

        @Override
        public void write(Kryo kryo, Output output, @Nullable Object @Nullable [] array) {
            if (array == null) {
                output.writeByte(Kryo.NULL);
                return;
            }
            writeLength(kryo, output, array.length);
            for (Object element : array) {
                if (ofOneClass) {
                    kryo.writeObjectOrNull(output, element, elementType);
                } else {
                    kryo.writeClassAndObject(output, element);
                }
            }
        }

        @Override
        public @Nullable Object @Nullable [] read(
                Kryo kryo, Input input, Class<? extends @Nullable Object @Nullable []> type) {
            int length = readLength(kryo, input);
            if (length < 0) {
                return null;
            }
            @Nullable Object[] array = (@Nullable Object[]) Array.newInstance(elementType, length);
            kryo.reference(array);
            for (int i = 0; i < length; i++) {
                array[i] = ofOneClass ? kryo.readObjectOrNull(input, elementType) : kryo.readClassAndObject(input);
            }
            return array;
        }
    }

    static final class Strings extends Serializer<@Nullable String @Nullable []> {
        Strings() {
            setAcceptsNull(true);
        }

        @Override
        public void write(Kryo kryo, Output output, @Nullable String @Nullable [] array) {
            if (array == null) {
                output.writeByte(Kryo.NULL);
                return;
            }
            writeLength(kryo, output, array.length);
            for (String element : array) {
                output.writeString(element);
            }
        }

        @Override
        public @Nullable String @Nullable [] read(
                Kryo kryo, Input input, Class<? extends @Nullable String @Nullable []> type) {
            int length = readLength(kryo, input);
            if (length < 0) {
                return null;
            }
            @Nullable String[] array = new String[length];
            for (int i = 0; i < length; i++) {
                array[i] = input.readString();
            }
            return array;
        }
    }

    static final class Booleans extends Serializer<boolean @Nullable []> {
        Booleans() {
            setAcceptsNull(true);
        }

        @Override
        public void write(Kryo kryo, Output output, boolean @Nullable [] array) {
            if (array == null) {
                output.writeByte(Kryo.NULL);
                return;
            }
            writeLength(kryo, output, array.length);
            output.writeBooleans(array, 0, array.length);
        }

        @Override
        public boolean @Nullable [] read(Kryo kryo, Input input, Class<? extends boolean @Nullable []> type) {
            int length = readLength(kryo, input);
            return length < 0 ? null : input.readBooleans(length);
        }
    }
}
