package io.h2conn.codec;

import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.util.MapReferenceResolver;

/** Kryo's references, apart from those to an object that is not there yet: Kryo takes them for {@code null}. */
final class KryoReferences extends MapReferenceResolver {
    @Override
    @SuppressWarnings("rawtypes")
    public Object getReadObject(Class type, int id) {
        Object object = id >= 0 && id < readObjects.size() ? readObjects.get(id) : null;
        if (object == null) {
            throw new KryoException("a reference to object " + id + ", which is not complete: a cycle cannot go through"
                    + " a record, an Optional or an unmodifiable collection");
        }
        return object;
    }
}
