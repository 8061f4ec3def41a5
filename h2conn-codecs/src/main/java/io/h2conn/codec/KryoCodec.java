package io.h2conn.codec;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Messages as Kryo object graphs: small and fast, for two sides that are both Java and have the same classes. Each message
 * stands after its length as a varint, and is the number of its class and the object, and nothing else.
 *
 * <pre>{@code
 * Codec<Order> orders = KryoCodec.of(Order.class);
 * Codec<Event> events = KryoCodec.of(Event.class, Created.class, Deleted.class);
 * Codec<Invoice> invoices = KryoCodec.builder(Invoice.class)
 *         .register(Money.class, MoneySerializer::new)
 *         .references(true)
 *         .build();
 * }</pre>
 *
 * <p><b>Classes.</b> On the wire a class is a number, and <em>both sides must number the same classes in the same order</em>;
 * a change of a class or of the order is a change of the protocol. Numbers are given to the class of the messages, then to
 * what it is made of, as far as declarations tell (records, classes, enums, arrays, type arguments and the permitted
 * subclasses of what is sealed), and then in the same way to each class that was named. What only shows at run time, such as
 * the implementations of an interface that is not sealed, must be named; a class that was not gives a {@link CodecException}
 * that says how to. When the two sides differ, that shows in most messages, but need not: two classes whose fields have the
 * same types look the same.
 *
 * <p>These need no registration: primitive types, their wrappers and arrays, {@code String}, {@code String[]},
 * {@code Object[]}; {@code ArrayList}, {@code LinkedList}, {@code ArrayDeque}, {@code HashSet}, {@code LinkedHashSet},
 * {@code TreeSet}, {@code EnumSet}, {@code HashMap}, {@code LinkedHashMap}, {@code TreeMap}, {@code ConcurrentHashMap};
 * {@code Optional} and its three kin, {@code BigInteger}, {@code BigDecimal}, {@code UUID}, {@code URI}, {@code Date}, the
 * classes of {@code java.time}; the comparators for natural order, its reverse, and strings in any case. Lists, sets and
 * maps that cannot be modified ({@code List.of}, {@code Stream.toList}, {@code Collections.unmodifiableMap} and so on) arrive
 * as such, with their order. {@code Arrays.asList} and {@code subList} arrive as {@code ArrayList}.
 *
 * <p>A class that is no record needs a constructor without parameters, which may be private; its fields that are not
 * {@code transient} are sent. In a named module, open the package of the classes to {@code com.esotericsoftware.kryo} and
 * to {@code io.h2conn.codec}.
 *
 * <p><b>Peers that are not trusted.</b> Whatever arrives is a message or a {@link CodecException}. Only registered classes
 * are made. Memory is bounded by the size of the message: no length is believed before the bytes for it are there, and all
 * collections, maps and arrays of a message together have no more elements than it has bytes, and 16,384; the same holds when
 * sending. (Objects are larger than their bytes: a message of nothing but empty collections becomes some hundred times
 * its size.) Nesting is bounded by {@link Builder#maxDepth}, values are checked against the types of the fields they are for.
 * What remains is the application's:
 * <ul>
 *   <li>A type argument is not checked: a {@code List<String>} can arrive with a number in it.
 *   <li>Constructors, {@code hashCode}, {@code equals} and {@code compareTo} of registered classes, and serializers of the
 *       user's own, meet hostile values first.
 *   <li>Keys that a peer made to collide make a hash table slow. Those that are {@code Comparable}, as strings and numbers
 *       are, cost their number times its logarithm; others, records among them, the square of it: 20,000 in 100 KiB take
 *       seconds. Keep {@link #withMaxMessageBytes} small where that matters.
 *   <li>With {@link Builder#references}, sets in sets that are shared in many places take exponential time to hash: turn
 *       them on only for peers that you trust.
 * </ul>
 *
 * <p>Safe for any number of threads and connections at once. It keeps up to 32 Kryo objects for them, with no regard to which
 * thread used one before.
 *
 * @param <T> the type of the messages
 */
public final class KryoCodec<T> implements Codec<T> {
    private final Class<T> type;
    private final KryoPool pool;
    private final int maxMessageBytes;

    private KryoCodec(Class<T> type, KryoPool pool, int maxMessageBytes) {
        this.type = type;
        this.pool = pool;
        this.maxMessageBytes = ResizedCodec.checked(maxMessageBytes);
    }

    /**
     * Messages of one class, with Kryo's own serializers.
     *
     * @param <T> the type of the messages
     * @param type the same; may be an interface or abstract
     * @param others more classes that occur in them, beyond those that the declarations tell, in the same order as on the
     *     other side
     * @return the codec
     */
    public static <T> KryoCodec<T> of(Class<T> type, Class<?>... others) {
        Builder<T> builder = builder(type);
        for (Class<?> other : others) {
            builder.register(other);
        }
        return builder.build();
    }

    /**
     * Messages of one class, with settings.
     *
     * @param <T> the type of the messages
     * @param type the same; may be an interface or abstract
     * @return a builder
     */
    public static <T> Builder<T> builder(Class<T> type) {
        return new Builder<>(type);
    }

    @Override
    public void encode(T message, MessageOutput output) throws CodecException {
        KryoWorker worker = pool.take();
        try {
            worker.write(message, output, maxMessageBytes);
        } finally {
            pool.give(worker);
        }
    }

    @Override
    public T decode(ByteBuffer message) throws CodecException {
        KryoWorker worker = pool.take();
        Object object;
        try {
            object = worker.read(message);
        } finally {
            pool.give(worker);
        }
        if (!type.isInstance(object)) {
            throw new CodecException(
                    "it is "
                            + (object == null
                                    ? "null"
                                    : "a " + object.getClass().getName()) + ", which is not a " + type.getName(),
                    null);
        }
        return type.cast(object);
    }

    @Override
    public Framing framing() {
        return Framing.varintPrefixed();
    }

    @Override
    public int maxMessageBytes() {
        return maxMessageBytes;
    }

    @Override
    public KryoCodec<T> withMaxMessageBytes(int bytes) {
        return new KryoCodec<>(type, pool, bytes);
    }

    @Override
    public String toString() {
        return "KryoCodec[" + type.getTypeName() + "]";
    }

    /**
     * Settings of a {@link KryoCodec}. Not safe for several threads at once.
     *
     * @param <T> the type of the messages
     */
    public static final class Builder<T> {
        /** Objects within objects. Beyond what data has, other than linked nodes; far below what a stack has room for. */
        private static final int DEFAULT_MAX_DEPTH = 500;

        private final Class<T> type;
        private final List<Class<?>> named = new ArrayList<>();
        private final Map<Class<?>, Supplier<? extends Serializer<?>>> serializers = new LinkedHashMap<>();
        private boolean references;
        private boolean registrationRequired = true;
        private int maxDepth = DEFAULT_MAX_DEPTH;
        private Consumer<Kryo> configuration = kryo -> {};

        private Builder(Class<T> type) {
            if (type.isPrimitive()) {
                throw new IllegalArgumentException("a message is an object; use the wrapper class of " + type);
            }
            this.type = type;
            named.add(type);
        }

        /**
         * Gives a class a number, and then what it is made of, unless they have one.
         *
         * @param other the class
         * @return this
         */
        public Builder<T> register(Class<?> other) {
            named.add(Objects.requireNonNull(other, "other"));
            return this;
        }

        /**
         * Gives a class a number and a serializer, which also decides about what it is made of.
         *
         * @param <C> the class
         * @param other the same; one that has a number already keeps it
         * @param serializer makes a serializer for each Kryo object that is needed. It sees what peers send before anybody
         *     else, so it must not believe a length, and may be used again after it has thrown
         * @return this
         */
        public <C> Builder<T> register(Class<C> other, Supplier<? extends Serializer<C>> serializer) {
            serializers.put(other, Objects.requireNonNull(serializer, "serializer"));
            return register(other);
        }

        /**
         * Whether an object that occurs twice in a message is sent once, so that it arrives as one and may contain itself.
         * Costs a byte and a look-up for each object, and safety against hostile peers, see {@link KryoCodec}. A cycle cannot
         * go through a record, an {@code Optional} or an unmodifiable collection. Must be the same on both sides.
         *
         * @param on {@code false} unless set: it arrives as two that are equal, and a cycle is an error
         * @return this
         */
        public Builder<T> references(boolean on) {
            references = on;
            return this;
        }

        /**
         * How deeply objects may be within objects, in both directions. Each level takes some hundred bytes of the
         * thread's stack.
         *
         * @param objects at least 1; 500 unless set
         * @return this
         * @throws IllegalArgumentException if {@code objects} is less than 1
         */
        public Builder<T> maxDepth(int objects) {
            if (objects < 1) {
                throw new IllegalArgumentException("maxDepth must be at least 1 but was " + objects);
            }
            maxDepth = objects;
            return this;
        }

        /**
         * Sends the name of a class that has no number, and makes objects of <em>any class that the peer names</em>. That is
         * how arbitrary code gets executed through a class of some library that nobody thought of: for peers that you trust
         * as you trust your own code, and for experiments. Messages become larger, too: by the name of each class, once in
         * each message.
         *
         * @return this
         */
        public Builder<T> allowUnregistered() {
            registrationRequired = false;
            return this;
        }

        /**
         * Sets up Kryo further, after everything else. What is registered here gets the next number. Anything else that
         * differs from what this class has set can take away what it promises.
         *
         * @param setup called for each Kryo object that is made, on any thread, maybe on several at once; must do the same
         *     each time
         * @return this
         */
        public Builder<T> configure(Consumer<Kryo> setup) {
            configuration = configuration.andThen(setup);
            return this;
        }

        /**
         * Builds the codec.
         *
         * @return a codec with what is set now
         * @throws RuntimeException if Kryo, or what {@link #configure} was given, does not accept a setting
         */
        public KryoCodec<T> build() {
            Map<Class<?>, Supplier<? extends Serializer<?>>> own = Map.copyOf(serializers);
            KryoReachable reachable = new KryoReachable(own::containsKey);
            named.forEach(reachable::add);
            List<Class<?>> classes = List.copyOf(reachable.found());
            boolean withReferences = references;
            boolean required = registrationRequired;
            int depth = maxDepth;
            Consumer<Kryo> setup = configuration;
            KryoPool pool = new KryoPool(() -> {
                BoundedKryo kryo = new BoundedKryo(withReferences, required, depth);
                classes.forEach(found -> register(kryo, found, own.get(found)));
                setup.accept(kryo);
                return kryo;
            });
            return new KryoCodec<>(type, pool, DEFAULT_MAX_MESSAGE_BYTES);
        }

        private static void register(Kryo kryo, Class<?> type, @Nullable Supplier<? extends Serializer<?>> serializer) {
            if (serializer == null) {
                kryo.register(type);
            } else {
                kryo.register(type, serializer.get());
            }
        }
    }
}
