package io.h2conn.codec;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Serializer;
import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Kryo that counts the elements of all collections, maps and arrays of a message. An element has a byte of its own in the
 * message, apart from {@code null} and objects without fields in a collection where all have one class: of these a few
 * bytes could announce any number, and the memory for them.
 */
final class BoundedKryo extends Kryo {
    /** How many elements there may be that have no byte. */
    static final int FREE_ELEMENTS = 16 * 1024;

    /** False while Kryo's own constructor registers its classes. */
    private final boolean constructed;

    private long elements;
    private long maxElements;

    BoundedKryo(boolean references, boolean registrationRequired, int maxDepth) {
        // What it saves, some class ids, is not worth its state, which a failure leaves behind.
        setOptimizedGenerics(false);
        setRegistrationRequired(registrationRequired);
        setMaxDepth(maxDepth);
        if (references) {
            setReferenceResolver(new KryoReferences());
        }
        KryoTypes.register(this);
        constructed = true;
    }

    /** Begins a message of at most so many bytes. */
    void begin(int bytes) {
        elements = 0;
        maxElements = (long) bytes + FREE_ELEMENTS;
    }

    /** Ends a message that was written, now that its size is known: what is written here must be readable there. */
    void end(int bytes) {
        maxElements = (long) bytes + FREE_ELEMENTS;
        add(0);
    }

    /** Counts elements before there is memory for them. */
    static void count(Kryo kryo, int elements) {
        ((BoundedKryo) kryo).add(elements);
    }

    static void count(Kryo kryo, @Nullable Collection<?> collection) {
        count(kryo, collection == null ? 0 : collection.size());
    }

    static void count(Kryo kryo, @Nullable Map<?, ?> map) {
        count(kryo, map == null ? 0 : map.size());
    }

    private void add(int more) {
        elements += more;
        if (more < 0 || elements > maxElements) {
            throw new KryoException(
                    (more < 0 ? Integer.toUnsignedLong(more) : elements) + " elements of collections, maps and arrays,"
                            + " where a message of this size has " + maxElements + " at most: one for each byte, and "
                            + FREE_ELEMENTS);
        }
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Serializer<?> getDefaultSerializer(Class type) {
        return KryoCollections.bounded(this, type, super.getDefaultSerializer(type));
    }

    /** For what the user registers by hand: not in between the classes of the JDK. */
    @Override
    public int getNextRegistrationId() {
        if (!constructed) {
            return super.getNextRegistrationId();
        }
        int id = KryoTypes.FIRST_OF_USER;
        while (getRegistration(id) != null) {
            id++;
        }
        return id;
    }

    @Override
    @SuppressWarnings("rawtypes")
    protected String unregisteredClassMessage(Class type) {
        String name = type.getCanonicalName() == null ? type.getName() : type.getCanonicalName();
        boolean hidden = type.getName().startsWith("java.") && !Modifier.isPublic(type.getModifiers());
        return name + " is not registered; "
                + (hidden
                        ? "send a copy of the object in a public class, such as java.util.ArrayList"
                        : "add .register(" + name
                                + ".class) to the codec's builder, on both sides and in the same order");
    }
}
