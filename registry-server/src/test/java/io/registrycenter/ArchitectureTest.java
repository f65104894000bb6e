package io.registrycenter;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * The arrows of the house: who may know whom. A broken rule means that something moved to the wrong floor, not that the rule
 * is in the way.
 */
@AnalyzeClasses(packages = "io.registrycenter", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String HOME = "io.registrycenter.";
    private static final String CATALOG = HOME + "catalog..";
    private static final String STORE = HOME + "store";
    private static final String ENGINES = HOME + "store.*..";
    private static final String VIEW = HOME + "view..";
    private static final String WATCH = HOME + "watch..";
    private static final String SESSION = HOME + "session..";
    private static final String REGISTRATION = HOME + "registration..";
    private static final String DRAIN = HOME + "drain..";
    private static final String GRPC = HOME + "grpc..";
    private static final String HTTP = HOME + "http..";
    private static final String OBSERVE = HOME + "observe..";
    private static final String CONFIG = HOME + "config..";

    @ArchTest
    static final ArchRule the_catalog_knows_the_JDK_alone = classes()
            .that()
            .resideInAPackage(CATALOG)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(CATALOG, "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule the_store_knows_the_catalog = noClasses()
            .that()
            .resideInAPackage(STORE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ENGINES, VIEW, WATCH, SESSION, REGISTRATION, DRAIN, GRPC, HTTP, OBSERVE, CONFIG);

    @ArchTest
    static final ArchRule an_engine_knows_the_store_and_no_other_engine = noClasses()
            .that()
            .resideInAPackage(HOME + "store.sqlite..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(HOME + "store.etcd..", VIEW, WATCH, SESSION, REGISTRATION, DRAIN, GRPC, HTTP, CONFIG);

    @ArchTest
    static final ArchRule the_etcd_engine_likewise = noClasses()
            .that()
            .resideInAPackage(HOME + "store.etcd..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(HOME + "store.sqlite..", VIEW, WATCH, SESSION, REGISTRATION, DRAIN, GRPC, HTTP, CONFIG);

    @ArchTest
    static final ArchRule moving_a_store_knows_no_engine = noClasses()
            .that()
            .resideInAPackage(HOME + "store.transfer..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    HOME + "store.sqlite..",
                    HOME + "store.etcd..",
                    VIEW,
                    WATCH,
                    SESSION,
                    REGISTRATION,
                    DRAIN,
                    GRPC,
                    HTTP,
                    OBSERVE,
                    CONFIG);

    @ArchTest
    static final ArchRule no_engine_is_known_to_anybody_but_config = noClasses()
            .that()
            .resideOutsideOfPackages(ENGINES, CONFIG)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ENGINES);

    @ArchTest
    static final ArchRule the_view_knows_catalog_and_store = noClasses()
            .that()
            .resideInAPackage(VIEW)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(WATCH, SESSION, REGISTRATION, DRAIN, GRPC, HTTP, CONFIG);

    @ArchTest
    static final ArchRule watching_sessions_and_registration_know_nothing_above_them = noClasses()
            .that()
            .resideInAnyPackage(WATCH, SESSION, REGISTRATION)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(DRAIN, GRPC, HTTP, CONFIG);

    @ArchTest
    static final ArchRule watching_knows_neither_sessions_nor_registration = noClasses()
            .that()
            .resideInAPackage(WATCH)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(SESSION, REGISTRATION);

    @ArchTest
    static final ArchRule sessions_know_neither_watching_nor_registration = noClasses()
            .that()
            .resideInAPackage(SESSION)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(WATCH, REGISTRATION);

    @ArchTest
    static final ArchRule registration_knows_neither_watching_nor_sessions = noClasses()
            .that()
            .resideInAPackage(REGISTRATION)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(WATCH, SESSION);

    @ArchTest
    static final ArchRule a_drain_knows_nothing_above_it_and_no_store = noClasses()
            .that()
            .resideInAPackage(DRAIN)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(STORE + "..", VIEW, GRPC, HTTP, OBSERVE, CONFIG);

    @ArchTest
    static final ArchRule config_is_known_to_the_main_class_alone = noClasses()
            .that()
            .resideOutsideOfPackage(CONFIG)
            .and()
            .doNotHaveFullyQualifiedName(HOME + "RegistryServer")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(CONFIG);

    @ArchTest
    static final ArchRule gRPC_does_not_know_HTTP = noClasses()
            .that()
            .resideInAPackage(GRPC)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(HTTP);

    @ArchTest
    static final ArchRule HTTP_does_not_know_gRPC = noClasses()
            .that()
            .resideInAPackage(HTTP)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(GRPC);

    @ArchTest
    static final ArchRule observe_knows_nothing_of_ours = noClasses()
            .that()
            .resideInAPackage(OBSERVE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CATALOG, STORE + "..", VIEW, WATCH, SESSION, REGISTRATION, DRAIN, GRPC, HTTP, CONFIG);

    @ArchTest
    static final ArchRule gRPC_and_generated_classes_are_known_in_grpc_and_to_the_etcd_engine_alone = noClasses()
            .that()
            .resideOutsideOfPackages(GRPC, HOME + "proto..", HOME + "store.etcd..")
            .and()
            // Spring's own seams for a gRPC server are made of its types.
            .doNotHaveFullyQualifiedName(HOME + "config.GrpcWiring")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.grpc..", "com.google.protobuf..", "com.google.rpc..", HOME + "proto..");

    @ArchTest
    static final ArchRule Spring_is_known_in_config_http_observe_and_the_main_class_alone = noClasses()
            .that()
            .resideOutsideOfPackages(CONFIG, HTTP, OBSERVE)
            .and()
            .doNotHaveFullyQualifiedName(HOME + "RegistryServer")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.springframework..");

    @ArchTest
    static final ArchRule nobody_reads_the_wall_clock = noClasses()
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(java.time.Instant.class, "now");
}
