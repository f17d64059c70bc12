//! LCS subscription data of S6a and S6d (TS 29.272 clause 7.3): known so that they print and nest safely.

super::avps! {
    Some(crate::codec::VendorId::TGPP);
    LCS_INFO = 1473, "LCS-Info", Grouped, M, shown, "TS 29.272 clause 7.3.80";
    LCS_PRIVACY_EXCEPTION = 1475, "LCS-PrivacyException", Grouped, M, shown, "TS 29.272 clause 7.3.82";
    SS_CODE = 1476, "SS-Code", OctetString, M, shown, "TS 29.272 clause 7.3.83";
    SS_STATUS = 1477, "SS-Status", OctetString, M, shown, "TS 29.272 clause 7.3.84";
    NOTIFICATION_TO_UE_USER = 1478, "Notification-To-UE-User", Enumerated, M, shown, "TS 29.272 clause 7.3.85";
    EXTERNAL_CLIENT = 1479, "External-Client", Grouped, M, shown, "TS 29.272 clause 7.3.86";
    CLIENT_IDENTITY = 1480, "Client-Identity", OctetString, M, shown, "TS 29.272 clause 7.3.87";
    GMLC_RESTRICTION = 1481, "GMLC-Restriction", Enumerated, M, shown, "TS 29.272 clause 7.3.88";
    PLMN_CLIENT = 1482, "PLMN-Client", Enumerated, M, shown, "TS 29.272 clause 7.3.89";
    SERVICE_TYPE = 1483, "Service-Type", Grouped, M, shown, "TS 29.272 clause 7.3.90";
    SERVICE_TYPE_IDENTITY = 1484, "ServiceTypeIdentity", Unsigned32, M, shown, "TS 29.272 clause 7.3.91";
    MO_LR = 1485, "MO-LR", Grouped, M, shown, "TS 29.272 clause 7.3.92";
}
