package logs

// Identifier is a kind of data that AWS finds in log events. Those with the code of a country at the end are about that country's.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL-managed-data-identifiers.html
type Identifier string

// The identifiers that AWS manages.
const (
	Address                             Identifier = "Address"
	AWSSecretKey                        Identifier = "AwsSecretKey"
	BankAccountNumberDE                 Identifier = "BankAccountNumber-DE"
	BankAccountNumberES                 Identifier = "BankAccountNumber-ES"
	BankAccountNumberFR                 Identifier = "BankAccountNumber-FR"
	BankAccountNumberGB                 Identifier = "BankAccountNumber-GB"
	BankAccountNumberIT                 Identifier = "BankAccountNumber-IT"
	BankAccountNumberUS                 Identifier = "BankAccountNumber-US"
	CepCodeBR                           Identifier = "CepCode-BR"
	CNPJBR                              Identifier = "Cnpj-BR"
	CPFCodeBR                           Identifier = "CpfCode-BR"
	CreditCardExpiration                Identifier = "CreditCardExpiration"
	CreditCardNumber                    Identifier = "CreditCardNumber"
	CreditCardSecurityCode              Identifier = "CreditCardSecurityCode"
	DriversLicenseAT                    Identifier = "DriversLicense-AT"
	DriversLicenseAU                    Identifier = "DriversLicense-AU"
	DriversLicenseBE                    Identifier = "DriversLicense-BE"
	DriversLicenseBG                    Identifier = "DriversLicense-BG"
	DriversLicenseCA                    Identifier = "DriversLicense-CA"
	DriversLicenseCY                    Identifier = "DriversLicense-CY"
	DriversLicenseCZ                    Identifier = "DriversLicense-CZ"
	DriversLicenseDE                    Identifier = "DriversLicense-DE"
	DriversLicenseDK                    Identifier = "DriversLicense-DK"
	DriversLicenseEE                    Identifier = "DriversLicense-EE"
	DriversLicenseES                    Identifier = "DriversLicense-ES"
	DriversLicenseFI                    Identifier = "DriversLicense-FI"
	DriversLicenseFR                    Identifier = "DriversLicense-FR"
	DriversLicenseGB                    Identifier = "DriversLicense-GB"
	DriversLicenseGR                    Identifier = "DriversLicense-GR"
	DriversLicenseHR                    Identifier = "DriversLicense-HR"
	DriversLicenseHU                    Identifier = "DriversLicense-HU"
	DriversLicenseIE                    Identifier = "DriversLicense-IE"
	DriversLicenseIT                    Identifier = "DriversLicense-IT"
	DriversLicenseLT                    Identifier = "DriversLicense-LT"
	DriversLicenseLU                    Identifier = "DriversLicense-LU"
	DriversLicenseLV                    Identifier = "DriversLicense-LV"
	DriversLicenseMT                    Identifier = "DriversLicense-MT"
	DriversLicenseNL                    Identifier = "DriversLicense-NL"
	DriversLicensePL                    Identifier = "DriversLicense-PL"
	DriversLicensePT                    Identifier = "DriversLicense-PT"
	DriversLicenseRO                    Identifier = "DriversLicense-RO"
	DriversLicenseSE                    Identifier = "DriversLicense-SE"
	DriversLicenseSI                    Identifier = "DriversLicense-SI"
	DriversLicenseSK                    Identifier = "DriversLicense-SK"
	DriversLicenseUS                    Identifier = "DriversLicense-US"
	DrugEnforcementAgencyNumberUS       Identifier = "DrugEnforcementAgencyNumber-US"
	ElectoralRollNumberGB               Identifier = "ElectoralRollNumber-GB"
	EmailAddress                        Identifier = "EmailAddress"
	HealthInsuranceCardNumberEU         Identifier = "HealthInsuranceCardNumber-EU"
	HealthInsuranceClaimNumberUS        Identifier = "HealthInsuranceClaimNumber-US"
	HealthInsuranceNumberFR             Identifier = "HealthInsuranceNumber-FR"
	HealthcareProcedureCodeUS           Identifier = "HealthcareProcedureCode-US"
	IndividualTaxIdentificationNumberUS Identifier = "IndividualTaxIdentificationNumber-US"
	InseeCodeFR                         Identifier = "InseeCode-FR"
	IPAddress                           Identifier = "IpAddress"
	LatLong                             Identifier = "LatLong"
	MedicareBeneficiaryNumberUS         Identifier = "MedicareBeneficiaryNumber-US"
	Name                                Identifier = "Name"
	NationalDrugCodeUS                  Identifier = "NationalDrugCode-US"
	NationalIdentificationNumberDE      Identifier = "NationalIdentificationNumber-DE"
	NationalIdentificationNumberES      Identifier = "NationalIdentificationNumber-ES"
	NationalIdentificationNumberIT      Identifier = "NationalIdentificationNumber-IT"
	NationalInsuranceNumberGB           Identifier = "NationalInsuranceNumber-GB"
	NationalProviderIDUS                Identifier = "NationalProviderId-US"
	NhsNumberGB                         Identifier = "NhsNumber-GB"
	NieNumberES                         Identifier = "NieNumber-ES"
	NifNumberES                         Identifier = "NifNumber-ES"
	OpenSSHPrivateKey                   Identifier = "OpenSshPrivateKey"
	PassportNumberCA                    Identifier = "PassportNumber-CA"
	PassportNumberDE                    Identifier = "PassportNumber-DE"
	PassportNumberES                    Identifier = "PassportNumber-ES"
	PassportNumberFR                    Identifier = "PassportNumber-FR"
	PassportNumberGB                    Identifier = "PassportNumber-GB"
	PassportNumberIT                    Identifier = "PassportNumber-IT"
	PassportNumberUS                    Identifier = "PassportNumber-US"
	PermanentResidenceNumberCA          Identifier = "PermanentResidenceNumber-CA"
	PersonalHealthNumberCA              Identifier = "PersonalHealthNumber-CA"
	PGPPrivateKey                       Identifier = "PgpPrivateKey"
	PhoneNumberBR                       Identifier = "PhoneNumber-BR"
	PhoneNumberDE                       Identifier = "PhoneNumber-DE"
	PhoneNumberES                       Identifier = "PhoneNumber-ES"
	PhoneNumberFR                       Identifier = "PhoneNumber-FR"
	PhoneNumberGB                       Identifier = "PhoneNumber-GB"
	PhoneNumberIT                       Identifier = "PhoneNumber-IT"
	PhoneNumberUS                       Identifier = "PhoneNumber-US"
	PKCSPrivateKey                      Identifier = "PkcsPrivateKey"
	PostalCodeCA                        Identifier = "PostalCode-CA"
	PuTTYPrivateKey                     Identifier = "PuttyPrivateKey"
	RgNumberBR                          Identifier = "RgNumber-BR"
	SocialInsuranceNumberCA             Identifier = "SocialInsuranceNumber-CA"
	SSNES                               Identifier = "Ssn-ES"
	SSNUS                               Identifier = "Ssn-US"
	TaxIDDE                             Identifier = "TaxId-DE"
	TaxIDES                             Identifier = "TaxId-ES"
	TaxIDFR                             Identifier = "TaxId-FR"
	TaxIDGB                             Identifier = "TaxId-GB"
	VehicleIdentificationNumber         Identifier = "VehicleIdentificationNumber"
	ZipCodeUS                           Identifier = "ZipCode-US"
)

// Credentials are the identifiers of keys that give access to something.
func Credentials() []Identifier {
	return []Identifier{AWSSecretKey, OpenSSHPrivateKey, PGPPrivateKey, PKCSPrivateKey, PuTTYPrivateKey}
}

// managed has each identifier that AWS manages.
var managed = map[Identifier]bool{
	Address: true, AWSSecretKey: true, BankAccountNumberDE: true, BankAccountNumberES: true, BankAccountNumberFR: true,
	BankAccountNumberGB: true, BankAccountNumberIT: true, BankAccountNumberUS: true, CepCodeBR: true, CNPJBR: true,
	CPFCodeBR: true, CreditCardExpiration: true, CreditCardNumber: true, CreditCardSecurityCode: true,
	DriversLicenseAT: true, DriversLicenseAU: true, DriversLicenseBE: true, DriversLicenseBG: true,
	DriversLicenseCA: true, DriversLicenseCY: true, DriversLicenseCZ: true, DriversLicenseDE: true,
	DriversLicenseDK: true, DriversLicenseEE: true, DriversLicenseES: true, DriversLicenseFI: true,
	DriversLicenseFR: true, DriversLicenseGB: true, DriversLicenseGR: true, DriversLicenseHR: true,
	DriversLicenseHU: true, DriversLicenseIE: true, DriversLicenseIT: true, DriversLicenseLT: true,
	DriversLicenseLU: true, DriversLicenseLV: true, DriversLicenseMT: true, DriversLicenseNL: true,
	DriversLicensePL: true, DriversLicensePT: true, DriversLicenseRO: true, DriversLicenseSE: true,
	DriversLicenseSI: true, DriversLicenseSK: true, DriversLicenseUS: true, DrugEnforcementAgencyNumberUS: true,
	ElectoralRollNumberGB: true, EmailAddress: true, HealthInsuranceCardNumberEU: true,
	HealthInsuranceClaimNumberUS: true, HealthInsuranceNumberFR: true, HealthcareProcedureCodeUS: true,
	IndividualTaxIdentificationNumberUS: true, InseeCodeFR: true, IPAddress: true, LatLong: true,
	MedicareBeneficiaryNumberUS: true, Name: true, NationalDrugCodeUS: true, NationalIdentificationNumberDE: true,
	NationalIdentificationNumberES: true, NationalIdentificationNumberIT: true, NationalInsuranceNumberGB: true,
	NationalProviderIDUS: true, NhsNumberGB: true, NieNumberES: true, NifNumberES: true, OpenSSHPrivateKey: true,
	PassportNumberCA: true, PassportNumberDE: true, PassportNumberES: true, PassportNumberFR: true,
	PassportNumberGB: true, PassportNumberIT: true, PassportNumberUS: true, PermanentResidenceNumberCA: true,
	PersonalHealthNumberCA: true, PGPPrivateKey: true, PhoneNumberBR: true, PhoneNumberDE: true, PhoneNumberES: true,
	PhoneNumberFR: true, PhoneNumberGB: true, PhoneNumberIT: true, PhoneNumberUS: true, PKCSPrivateKey: true,
	PostalCodeCA: true, PuTTYPrivateKey: true, RgNumberBR: true, SocialInsuranceNumberCA: true, SSNES: true, SSNUS: true,
	TaxIDDE: true, TaxIDES: true, TaxIDFR: true, TaxIDGB: true, VehicleIdentificationNumber: true, ZipCodeUS: true,
}
