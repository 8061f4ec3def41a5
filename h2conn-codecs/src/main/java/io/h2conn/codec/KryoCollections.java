package io.h2conn.codec;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.serializers.CollectionSerializer;
import com.esotericsoftware.kryo.serializers.DefaultArraySerializers.BooleanArraySerializer;
import com.esotericsoftware.kryo.serializers.DefaultArraySerializers.ObjectArraySerializer;
import com.esotericsoftware.kryo.serializers.DefaultArraySerializers.StringArraySerializer;
import com.esotericsoftware.kryo.serializers.DefaultSerializers.ConcurrentSkipListMapSerializer;
import com.esotericsoftware.kryo.serializers.DefaultSerializers.PriorityQueueSerializer;
import com.esotericsoftware.kryo.serializers.DefaultSerializers.TreeMapSerializer;
import com.esotericsoftware.kryo.serializers.DefaultSerializers.TreeSetSerializer;
import com.esotericsoftware.kryo.serializers.FieldSerializer;
import com.esotericsoftware.kryo.serializers.MapSerializer;
import java.util.Collection;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * Kryo's serializers of collections, maps and arrays, with what they write, but for one thing: Kryo makes room for as many
 * elements as the bytes announce, and goes on to add so many. These have them {@linkplain BoundedKryo#count counted} first.
 */
@SuppressWarnings({"rawtypes", "NonApiType"}) // as Kryo has them
final class KryoCollections {
    private KryoCollections() {}

    /** What to use instead of the serializer that Kryo has chosen; the same if it needs no bounds, or is the user's. */
    static Serializer<?> bounded(BoundedKryo kryo, Class<?> type, Serializer<?> chosen) {
        Class<?> kind = chosen.getClass();
        if (kind == FieldSerializer.class) {
            return new KryoFields<>(kryo, type);
        } else if (kind == CollectionSerializer.class) {
            return new BoundedCollections();
        } else if (kind == MapSerializer.class) {
            return new BoundedMaps();
        } else if (kind == ObjectArraySerializer.class) {
            return new KryoArrays.Objects(kryo, type);
        } else if (kind == StringArraySerializer.class) {
            return new KryoArrays.Strings();
        } else if (kind == BooleanArraySerializer.class) {
            return new KryoArrays.Booleans();
        } else if (kind == TreeSetSerializer.class) {
            return new BoundedTreeSets();
        } else if (kind == TreeMapSerializer.class) {
            return new BoundedTreeMaps();
        } else if (kind == PriorityQueueSerializer.class) {
            return new BoundedPriorityQueues();
        } else if (kind == ConcurrentSkipListMapSerializer.class) {
            return new BoundedSkipListMaps();
        }
        return chosen;
    }

    static final class BoundedCollections extends CollectionSerializer<Collection> {
        @Override
        public void write(Kryo kryo, Output output, @Nullable Collection collection) {
            BoundedKryo.count(kryo, collection);
            super.write(kryo, output, collection);
        }

        @Override
        protected Collection create(Kryo kryo, Input input, Class<? extends Collection> type, int size) {
            BoundedKryo.count(kryo, size);
            return super.create(kryo, input, type, size);
        }
    }

    static final class BoundedTreeSets extends TreeSetSerializer {
        @Override
        public void write(Kryo kryo, Output output, @Nullable TreeSet collection) {
            BoundedKryo.count(kryo, collection);
            super.write(kryo, output, collection);
        }

        @Override
        protected TreeSet create(Kryo kryo, Input input, Class<? extends TreeSet> type, int size) {
            BoundedKryo.count(kryo, size);
            return super.create(kryo, input, type, size);
        }
    }

    static final class BoundedPriorityQueues extends PriorityQueueSerializer {
        @Override
        public void write(Kryo kryo, Output output, @Nullable PriorityQueue collection) {
            BoundedKryo.count(kryo, collection);
            super.write(kryo, output, collection);
        }

        @Override
        protected PriorityQueue create(Kryo kryo, Input input, Class<? extends PriorityQueue> type, int size) {
            BoundedKryo.count(kryo, size);
            return super.create(kryo, input, type, size);
        }
    }

    static final class BoundedMaps extends MapSerializer<Map> {
        @Override
        public void write(Kryo kryo, Output output, @Nullable Map map) {
            BoundedKryo.count(kryo, map);
            super.write(kryo, output, map);
        }

        @Override
        protected Map create(Kryo kryo, Input input, Class<? extends Map> type, int size) {
            BoundedKryo.count(kryo, size);
            return super.create(kryo, input, type, size);
        }
    }

    static final class BoundedTreeMaps extends TreeMapSerializer {
        @Override
        public void write(Kryo kryo, Output output, @Nullable TreeMap map) {
            BoundedKryo.count(kryo, map);
            super.write(kryo, output, map);
        }

        @Override
        protected TreeMap create(Kryo kryo, Input input, Class<? extends TreeMap> type, int size) {
            BoundedKryo.count(kryo, size);
            return super.create(kryo, input, type, size);
        }
    }

    static final class BoundedSkipListMaps extends ConcurrentSkipListMapSerializer {
        @Override
        public void write(Kryo kryo, Output output, @Nullable ConcurrentSkipListMap map) {
            BoundedKryo.count(kryo, map);
            super.write(kryo, output, map);
        }

        @Override
        protected ConcurrentSkipListMap create(
                Kryo kryo, Input input, Class<? extends ConcurrentSkipListMap> type, int size) {
            BoundedKryo.count(kryo, size);
            return super.create(kryo, input, type, size);
        }
    }
}
