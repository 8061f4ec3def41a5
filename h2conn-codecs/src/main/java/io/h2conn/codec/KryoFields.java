package io.h2conn.codec;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.serializers.FieldSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Objects by their fields, as Kryo does it, but for one thing: what Kryo has read, it stores into a field behind the back
 * of the JVM, without looking whether it is of the field's type. Which type it is, the peer says. Here it is checked.
 */
final class KryoFields<T> extends FieldSerializer<T> {
    KryoFields(Kryo kryo, Class<T> type) {
        super(kryo, type);
    }

    @Override
    protected void initializeCachedFields() {
        CachedField[] fields = getFields();
        for (int i = 0; i < fields.length; i++) {
            Class<?> type = fields[i].getField().getType();
            // What is read for a primitive field is of its type; so it is for a string that cannot be a reference.
            if (!type.isPrimitive() && (type != String.class || getKryo().getReferences())) {
                fields[i] = new CheckedField(getKryo(), fields[i]);
            }
        }
    }

    /** Writes what Kryo's own field writes, and reads it. */
    private static final class CheckedField extends CachedField {
        private final Kryo kryo;
        private final CachedField original;

        CheckedField(Kryo kryo, CachedField original) {
            super(original.getField());
            this.kryo = kryo;
            this.original = original;
        }

        @Override
        public void write(Output output, Object object) {
            try {
                writeValue(output, getField().get(object));
            } catch (KryoException e) {
                throw located(e);
            } catch (RuntimeException | IllegalAccessException e) {
                throw located(new KryoException(e));
            }
        }

        private void writeValue(Output output, @Nullable Object value) {
            Class<?> type = original.getValueClass();
            if (type == null) {
                Registration registration = kryo.writeClass(output, value == null ? null : value.getClass());
                if (registration != null) {
                    kryo.writeObject(output, value, serializer(registration));
                }
            } else if (original.getCanBeNull()) {
                kryo.writeObjectOrNull(output, value, serializer(kryo.getRegistration(type)));
            } else {
                kryo.writeObject(output, value, serializer(kryo.getRegistration(type)));
            }
        }

        @Override
        public void read(Input input, Object object) {
            try {
                getField().set(object, readValue(input));
            } catch (KryoException e) {
                throw located(e);
            } catch (RuntimeException | IllegalAccessException e) {
                throw located(new KryoException(e));
            }
        }

        private @Nullable Object readValue(Input input) {
            Class<?> type = original.getValueClass();
            if (type == null) {
                Registration registration = kryo.readClass(input);
                if (registration == null) {
                    return null;
                }
                Class<?> sent = registration.getType();
                return kryo.readObject(input, sent, serializer(registration));
            } else if (original.getCanBeNull()) {
                return kryo.readObjectOrNull(input, type, serializer(kryo.getRegistration(type)));
            } else {
                return kryo.readObject(input, type, serializer(kryo.getRegistration(type)));
            }
        }

        private Serializer<?> serializer(Registration registration) {
            Serializer<?> ofTheField = original.getSerializer();
            return ofTheField == null ? registration.getSerializer() : ofTheField;
        }

        private KryoException located(KryoException e) {
            e.addTrace(
                    getField().getName() + " (" + getField().getDeclaringClass().getName() + ")");
            return e;
        }

        @Override
        public void copy(Object from, Object to) {
            original.copy(from, to);
        }
    }
}
