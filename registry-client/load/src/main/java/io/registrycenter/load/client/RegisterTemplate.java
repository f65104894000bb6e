package io.registrycenter.load.client;

import io.registrycenter.load.wire.Framed;
import io.registrycenter.proto.v1.Endpoint;
import io.registrycenter.proto.v1.Instance;
import io.registrycenter.proto.v1.RegisterRequest;

/** Register calls: about 200 bytes of metadata, 300 bytes on the wire; the counter is in the metadata. */
final class RegisterTemplate {
    private static final String BUILD = "9f2c1a7be4d05386".repeat(6);
    /** The end of a map entry's key, and the tag and length of its value. */
    private static final String BEFORE_COUNTER = "seq\022\014";

    private RegisterTemplate() {}

    static Template of(String namespace, String service, String instance, String sessionId) {
        RegisterRequest request = RegisterRequest.newBuilder()
                .setNamespace(namespace)
                .setService(service)
                .setInstance(Instance.newBuilder()
                        .setId(instance)
                        .addEndpoints(Endpoint.newBuilder()
                                .setName("grpc")
                                .setHost("127.0.0.1")
                                .setPort(50_051))
                        .setZone("zone-a")
                        .putMetadata("build", BUILD)
                        .putMetadata("owner", "team-payments-and-settlement")
                        .putMetadata("seq", "0".repeat(Template.DIGITS)))
                .setSessionId(sessionId)
                .build();
        return new Template(Framed.bytes(request), BEFORE_COUNTER);
    }
}
