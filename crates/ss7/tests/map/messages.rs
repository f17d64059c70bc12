//! Octets of each kind of message, element by element, written and read.

use crate::{common::hex, samples};

/// Name of the message, its octets.
const MESSAGES: &[(&str, &str)] = &[
    (
        "request with indicators",
        concat!(
            "3081A8",                            // ProvideSubscriberLocation-Arg
            "3003",                              //   locationType
            "8001 00",                           //     locationEstimateType
            "0406 9194590000F1",                 //   mlc-Number
            "A041",                              //   lcs-ClientID
            "8001 01",                           //     lcsClientType
            "A108",                              //     lcsClientExternalID
            "8006 919403214365",                 //       externalAddress
            "A40C",                              //     lcsClientName
            "8001 0F",                           //       dataCodingScheme
            "8204 C171BB0C",                     //       nameString
            "8301 00",                           //       lcs-FormatIndicator
            "850E 05666C656574076578616D706C65", //     lcsAPN
            "A614",                              //     lcsRequestorID
            "8001 0F",                           //       dataCodingScheme
            "810C 2B5A2E7683C564335ACD7603",     //       requestorIDString
            "8201 02",                           //       lcs-FormatIndicator
            "8208 00010100000000F1",             //   imsi
            "8307 91947110325476",               //   msisdn
            "8404 01020304",                     //   lmsi
            "8508 53062940703910F0",             //   imei
            "8601 00",                           //   lcs-Priority
            "A70F",                              //   lcs-QoS
            "8001 19",                           //     horizontal-accuracy
            "8100",                              //     verticalCoordinateRequest
            "8201 1E",                           //     vertical-accuracy
            "A303",                              //     responseTime
            "0A01 00",                           //       responseTimeCategory
            "8500",                              //     velocityRequest
            "8902 01FE",                         //   supportedGADShapes
            "8B01 10",                           //   lcsServiceTypeID
            "AC0E",                              //   lcsCodeword
            "8001 0F",                           //     dataCodingScheme
            "8109 ECF4194D47BFEBF332",           //     lcsCodewordString
            "AD06",                              //   lcs-PrivacyCheck
            "8001 01",                           //     callSessionUnrelated
            "8101 00",                           //     callSessionRelated
            "9000",                              //   mo-lrShortCircuitIndicator
        ),
    ),
    (
        "request with a pseudo-external identity",
        concat!(
            "307C",                                    // ProvideSubscriberLocation-Arg
            "3003",                                    //   locationType
            "8001 00",                                 //     locationEstimateType
            "0406 9194590000F1",                       //   mlc-Number
            "A050",                                    //   lcs-ClientID
            "8001 01",                                 //     lcsClientType
            "A10A",                                    //     lcsClientExternalID
            "8008 9194090000000011",                   //       externalAddress
            "A419",                                    //     lcsClientName
            "8001 0F",                                 //       dataCodingScheme
            "8211 C171BBDCEBAD68B9D80D1693CD6835DB0D", //       nameString
            "8301 00",                                 //       lcs-FormatIndicator
            "850E 05666C656574076578616D706C65",       //     lcsAPN
            "A614",                                    //     lcsRequestorID
            "8001 0F",                                 //       dataCodingScheme
            "810C 2B5A2E7683C564335ACD7603",           //       requestorIDString
            "8201 02",                                 //       lcs-FormatIndicator
            "8208 00010100000000F1",                   //   imsi
            "8307 91947110325476",                     //   msisdn
            "8508 53062940703910F0",                   //   imei
        ),
    ),
    (
        "request of an operator client",
        concat!(
            "3032",                  // ProvideSubscriberLocation-Arg
            "3003",                  //   locationType
            "8001 00",               //     locationEstimateType
            "0406 9194590000F1",     //   mlc-Number
            "A006",                  //   lcs-ClientID
            "8001 02",               //     lcsClientType
            "8301 01",               //     lcsClientInternalID
            "8208 00010100000000F1", //   imsi
            "8307 91947110325476",   //   msisdn
            "8508 53062940703910F0", //   imei
        ),
    ),
    (
        "request with override",
        concat!(
            "3036",                  // ProvideSubscriberLocation-Arg
            "3003",                  //   locationType
            "8001 00",               //     locationEstimateType
            "0406 9194590000F1",     //   mlc-Number
            "A003",                  //   lcs-ClientID
            "8001 00",               //     lcsClientType
            "8100",                  //   privacyOverride
            "8208 00010100000000F1", //   imsi
            "8307 91947110325476",   //   msisdn
            "8508 53062940703910F0", //   imei
            "AD03",                  //   lcs-PrivacyCheck
            "8001 04",               //     callSessionUnrelated
        ),
    ),
    (
        "deferred request for areas",
        concat!(
            "3081EE",                            // ProvideSubscriberLocation-Arg
            "3007",                              //   locationType
            "8001 03",                           //     locationEstimateType
            "8102 0560",                         //     deferredLocationEventType
            "0406 9194590000F1",                 //   mlc-Number
            "A041",                              //   lcs-ClientID
            "8001 01",                           //     lcsClientType
            "A108",                              //     lcsClientExternalID
            "8006 919403214365",                 //       externalAddress
            "A40C",                              //     lcsClientName
            "8001 0F",                           //       dataCodingScheme
            "8204 C171BB0C",                     //       nameString
            "8301 00",                           //       lcs-FormatIndicator
            "850E 05666C656574076578616D706C65", //     lcsAPN
            "A614",                              //     lcsRequestorID
            "8001 0F",                           //       dataCodingScheme
            "810C 2B5A2E7683C564335ACD7603",     //       requestorIDString
            "8201 02",                           //       lcs-FormatIndicator
            "8208 00010100000000F1",             //   imsi
            "8307 91947110325476",               //   msisdn
            "8508 53062940703910F0",             //   imei
            "8A01 07",                           //   lcs-ReferenceNumber
            "AD03",                              //   lcs-PrivacyCheck
            "8001 00",                           //     callSessionUnrelated
            "AE53",                              //   areaEventInfo
            "A04A",                              //     areaDefinition
            "A048",                              //       areaList
            "3007 800100810262F2",               //         one of them
            "3008 800101810362F210",             //         one of them
            "300A 800102810562F2101234",         //         one of them
            "300B 800103810662F210123456",       //         one of them
            "300C 800104810762F21012345678",     //         one of them
            "300C 800105810762F21001234567",     //         one of them
            "8101 01",                           //     occurrenceInfo
            "8202 012C",                         //     intervalTime
            "8F05 04C000020A",                   //   h-gmlc-Address
            "B217",                              //   reportingPLMNList
            "8000",                              //     plmn-ListPrioritized
            "A113",                              //     plmn-List
            "300A 800362F2108101018200",         //       one of them
            "3005 8003000102",                   //       one of them
        ),
    ),
    (
        "deferred request for periods",
        concat!(
            "308189",                            // ProvideSubscriberLocation-Arg
            "3007",                              //   locationType
            "8001 03",                           //     locationEstimateType
            "8102 0308",                         //     deferredLocationEventType
            "0406 9194590000F1",                 //   mlc-Number
            "A041",                              //   lcs-ClientID
            "8001 01",                           //     lcsClientType
            "A108",                              //     lcsClientExternalID
            "8006 919403214365",                 //       externalAddress
            "A40C",                              //     lcsClientName
            "8001 0F",                           //       dataCodingScheme
            "8204 C171BB0C",                     //       nameString
            "8301 00",                           //       lcs-FormatIndicator
            "850E 05666C656574076578616D706C65", //     lcsAPN
            "A614",                              //     lcsRequestorID
            "8001 0F",                           //       dataCodingScheme
            "810C 2B5A2E7683C564335ACD7603",     //       requestorIDString
            "8201 02",                           //       lcs-FormatIndicator
            "8208 00010100000000F1",             //   imsi
            "8307 91947110325476",               //   msisdn
            "8508 53062940703910F0",             //   imei
            "8A01 07",                           //   lcs-ReferenceNumber
            "AD03",                              //   lcs-PrivacyCheck
            "8001 00",                           //     callSessionUnrelated
            "8F05 04C000020A",                   //   h-gmlc-Address
            "B107",                              //   periodicLDRInfo
            "0201 64",                           //     reportingAmount
            "0202 0E10",                         //     reportingInterval
        ),
    ),
    (
        "result with a circle",
        concat!(
            "3028",                  // ProvideSubscriberLocation-Res
            "0408 104AB1F209884E1A", //   locationEstimate
            "8001 02",               //   ageOfLocationEstimate
            "A609",                  //   cellIdOrSai
            "8007 62F21012340005",   //     cellGlobalIdOrServiceAreaIdFixedLength
            "8700",                  //   sai-Present
            "8801 00",               //   accuracyFulfilmentIndicator
            "8904 005A003B",         //   velocityEstimate
            "8F03 018BCD",           //   utranBaroPressureMeas
        ),
    ),
    (
        "result with everything",
        concat!(
            "3070",                                        // ProvideSubscriberLocation-Res
            "0401 00",                                     //   locationEstimate
            "8001 02",                                     //   ageOfLocationEstimate
            "8213 534AAAAA0975304ACF130975304ACF13099999", //   add-LocationEstimate
            "8402 0022",                                   //   geranPositioningData
            "8503 000011",                                 //   utranPositioningData
            "A609",                                        //   cellIdOrSai
            "8007 62F21012340005",                         //     cellGlobalIdOrServiceAreaIdFixedLength
            "8700",                                        //   sai-Present
            "8801 00",                                     //   accuracyFulfilmentIndicator
            "8904 005A003B",                               //   velocityEstimate
            "8A00",                                        //   mo-lrShortCircuitIndicator
            "8B02 0001",                                   //   geranGANSSpositioningData
            "8C01 01",                                     //   utranGANSSpositioningData
            "AD12",                                        //   targetServingNodeForHandover
            "8210 6D6D65312E6578616D706C652E6E6574",       //     mme-Number
            "8E01 02",                                     //   utranAdditionalPositioningData
            "8F03 018BCD",                                 //   utranBaroPressureMeas
            "900F 3C6369766963416464726573732F3E",         //   utranCivicAddress
        ),
    ),
    (
        "acceptance of a deferred request",
        concat!(
            "300E",            // ProvideSubscriberLocation-Res
            "0401 00",         //   locationEstimate
            "8300",            //   deferredmt-lrResponseIndicator
            "A607",            //   cellIdOrSai
            "8105 62F2101234", //     laiFixedLength
        ),
    ),
    (
        "question where a subscriber is served",
        concat!(
            "3013",                // RoutingInfoForLCS-Arg
            "8006 9194590000F1",   //   mlcNumber
            "A109",                //   targetMS
            "8107 91947110325476", //     msisdn
        ),
    ),
    (
        "where a subscriber is served",
        concat!(
            "3081CC",                                                                            // RoutingInfoForLCS-Res
            "A00A",                                                                              //   targetMS
            "8008 00010100000000F1",                                                             //     imsi
            "A18189",                                                                            //   lcsLocationInfo
            "0406 9194590020F1", //     networkNode-Number
            "8004 01020304",     //     lmsi
            "A308",              //     additional-Number
            "8106 9194590020F2", //       sgsn-Number
            "8402 03F8",         //     supportedLCS-CapabilitySets
            "8502 05E0",         //     additional-LCS-CapabilitySets
            "8636 6D6D656330312E6D6D656769303030312E6D6D652E6570632E6D6E633030312E6D6363323632", //     mme-Name
            "2E336770706E6574776F726B2E6F7267",
            "880F 6161612E6578616D706C652E6E6574",     //     aaa-Server-Name
            "8911 7367736E312E6578616D706C652E6E6574", //     sgsn-Name
            "8A0B 6578616D706C652E6E6574",             //     sgsn-Realm
            "8305 04C000020A",                         //   v-gmlc-Address
            "8411 5020010DB8000000000000000000000001", //   h-gmlc-Address
            "8505 04C000020A",                         //   ppr-Address
            "8611 5020010DB8000000000000000000000001", //   additional-v-gmlc-Address
        ),
    ),
    (
        "report of an emergency call",
        concat!(
            "3027",                  // SubscriberLocationReport-Arg
            "0A01 00",               //   lcs-Event
            "3003",                  //   lcs-ClientID
            "8001 00",               //     lcsClientType
            "300C",                  //   lcsLocationInfo
            "0406 9194590020F1",     //     networkNode-Number
            "8402 03F8",             //     supportedLCS-CapabilitySets
            "8208 53062940703910F0", //   imei
            "8405 9151551000",       //   na-ESRK
        ),
    ),
    (
        "report of a deferred request",
        concat!(
            "3081EE",                                      // SubscriberLocationReport-Arg
            "0A01 03",                                     //   lcs-Event
            "3041",                                        //   lcs-ClientID
            "8001 01",                                     //     lcsClientType
            "A108",                                        //     lcsClientExternalID
            "8006 919403214365",                           //       externalAddress
            "A40C",                                        //     lcsClientName
            "8001 0F",                                     //       dataCodingScheme
            "8204 C171BB0C",                               //       nameString
            "8301 00",                                     //       lcs-FormatIndicator
            "850E 05666C656574076578616D706C65",           //     lcsAPN
            "A614",                                        //     lcsRequestorID
            "8001 0F",                                     //       dataCodingScheme
            "810C 2B5A2E7683C564335ACD7603",               //       requestorIDString
            "8201 02",                                     //       lcs-FormatIndicator
            "300A",                                        //   lcsLocationInfo
            "0406 9194590020F2",                           //     networkNode-Number
            "8200",                                        //     gprsNodeIndicator
            "8007 91947110325476",                         //   msisdn
            "8108 00010100000000F1",                       //   imsi
            "8208 53062940703910F0",                       //   imei
            "8508 104AB1F209884E1A",                       //   locationEstimate
            "8601 02",                                     //   ageOfLocationEstimate
            "8813 534AAAAA0975304ACF130975304ACF13099999", //   add-LocationEstimate
            "A915",                                        //   deferredmt-lrData
            "0302 0308",                                   //     deferredLocationEventType
            "8001 04",                                     //     terminationCause
            "A10C",                                        //     lcsLocationInfo
            "0406 9194590020F1",                           //       networkNode-Number
            "8402 03F8",                                   //       supportedLCS-CapabilitySets
            "8A01 07",                                     //   lcs-ReferenceNumber
            "AD09",                                        //   cellIdOrSai
            "8007 62F21012340005",                         //     cellGlobalIdOrServiceAreaIdFixedLength
            "8E05 04C000020A",                             //   h-gmlc-Address
            "8F01 40",                                     //   lcsServiceTypeID
            "9100",                                        //   sai-Present
            "9200",                                        //   pseudonymIndicator
            "9301 00",                                     //   accuracyFulfilmentIndicator
            "9404 005A003B",                               //   velocityEstimate
            "9503 011170",                                 //   sequenceNumber
            "B609",                                        //   periodicLDRInfo
            "0201 01",                                     //     reportingAmount
            "0204 0083D5FF",                               //     reportingInterval
            "9700",                                        //   mo-lrShortCircuitIndicator
            "BA08",                                        //   targetServingNodeForHandover
            "8106 9194590020F3",                           //     sgsn-Number
            "9C03 018BCD",                                 //   utranBaroPressureMeas
        ),
    ),
    (
        "answer to a report",
        concat!(
            "302C",                      // SubscriberLocationReport-Res
            "8005 9151551000",           //   na-ESRK
            "8205 04C000020A",           //   h-gmlc-Address
            "8300",                      //   mo-lrShortCircuitIndicator
            "A417",                      //   reportingPLMNList
            "8000",                      //     plmn-ListPrioritized
            "A113",                      //     plmn-List
            "300A 800362F2108101018200", //       one of them
            "3005 8003000102",           //       one of them
            "8501 07",                   //   lcs-ReferenceNumber
        ),
    ),
    (
        "profile for a node",
        concat!(
            "3081FD",                                              // InsertSubscriberDataArg
            "8008 00010100000000F1",                               //   imsi
            "8107 91947110325476",                                 //   msisdn
            "B681E7",                                              //   lcsInformation
            "A010",                                                //     gmlc-List
            "0406 9194590000F1",                                   //       one of them
            "0406 9194590000F2",                                   //       one of them
            "A181A1",                                              //     lcs-PrivacyExceptionList
            "3006 0401B1040100",                                   //       one of them
            "3012 0401B2040105800103A10730053000800101",           //       one of them
            "306A",                                                //       one of them
            "0401 B3",                                             //         ss-Code
            "0401 05",                                             //         ss-Status
            "A14F",                                                //         externalClientList
            "300C 300780059194090000800101",                       //           one of them
            "300F 300780059194090010800101810100",                 //           one of them
            "300F 300780059194090020800101810103",                 //           one of them
            "300C 300780059194090030800101",                       //           one of them
            "300F 300780059194090040800101810100",                 //           one of them
            "A411",                                                //         ext-externalClientList
            "300F 300780059194090050800101810103",                 //           one of them
            "3017 0401B4040105A20F0A01000A01010A01020A01030A0104", //       one of them
            "A218",                                                //     molr-List
            "3006 0401C1040105",                                   //       one of them
            "3006 0401C2040105",                                   //       one of them
            "3006 0401C3040105",                                   //       one of them
            "A315",                                                //     add-lcs-PrivacyExceptionList
            "3013 0401B5040105A50B3009020110800100810101",         //       one of them
        ),
    ),
    (
        "what a node does not support",
        concat!(
            "3008",    // InsertSubscriberDataRes
            "A306",    //   ss-List
            "0401 B6", //     one of them
            "0401 C4", //     one of them
        ),
    ),
    (
        "withdrawal of a profile",
        concat!(
            "3014",                  // DeleteSubscriberDataArg
            "8008 00010100000000F1", //   imsi
            "A206",                  //   ss-List
            "0401 B0",               //     one of them
            "0401 C1",               //     one of them
            "8D00",                  //   gmlc-ListWithdraw
        ),
    ),
    (
        "result of a withdrawal",
        // DeleteSubscriberDataRes
        "3000",
    ),
    (
        "location of an MSC server",
        concat!(
            "302D",                  // UpdateLocationArg
            "0408 00010100000000F1", //   imsi
            "8106 9194590020F1",     //   msc-Number
            "0406 9194590020F1",     //   vlr-Number
            "8A04 01020304",         //   lmsi
            "A604",                  //   vlr-Capability
            "8502 05E0",             //     supportedLCS-CapabilitySets
            "8205 04C000020A",       //   v-gmlc-Address
        ),
    ),
    (
        "home register to an MSC server",
        concat!(
            "3008",              // UpdateLocationRes
            "0406 9194590010F0", //   hlr-Number
        ),
    ),
    (
        "location of an SGSN",
        concat!(
            "304A",                                    // UpdateGprsLocationArg
            "0408 00010100000000F1",                   //   imsi
            "0406 9194590020F2",                       //   sgsn-Number
            "0405 04C000020A",                         //   sgsn-Address
            "A004",                                    //   sgsn-Capability
            "8502 0470",                               //     supportedLCS-CapabilitySets
            "8200",                                    //   ps-LCS-NotSupportedByUE
            "8305 04C000020A",                         //   v-gmlc-Address
            "9311 7367736E312E6578616D706C652E6E6574", //   sgsn-Name
            "940B 6578616D706C652E6E6574",             //   sgsn-Realm
            "9500",                                    //   lgd-supportIndicator
        ),
    ),
    (
        "home register to an SGSN",
        concat!(
            "3008",              // UpdateGprsLocationRes
            "0406 9194590010F0", //   hlr-Number
        ),
    ),
];

#[test]
fn each_message_is_written_and_read() {
    let samples = samples::all();
    assert_eq!(samples.len(), MESSAGES.len());
    for (sample, (name, octets)) in samples.iter().zip(MESSAGES) {
        assert_eq!(sample.name, *name);
        let octets = hex(octets);
        assert_eq!(hex_of(&sample.octets), hex_of(&octets), "{name}");
        (sample.reads_same)(&octets);
    }
}

/// Text, so that a difference can be read.
fn hex_of(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02X}")).collect()
}
